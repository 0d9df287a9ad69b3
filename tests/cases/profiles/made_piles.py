"""Piles made up for tests, each with all that names somebody in it: none may be printed again."""

from __future__ import annotations

import random

from benchmarks.made_receipts import Shop

SHOPS = (
    ("Blue Harbour Bakery", "14 Quayside Walk, Porthaven PH2 9QD", "Gwendolyn Ashcombe"),
    ("Able Ltd", "Unit 7, Foundry Yard, Millbrook", "Tobias Wren"),
    ("THE PAGE COMPANY", "3 Old Page Street", "Priscilla Vane"),
    ("Thank You Flowers", "88 Rosebud Crescent", "Ottoline Marsh"),
    ("Cash & Carry Kettering", "Depot Road 5", "Jasper Holm"),
    ("Notes and Quotes Stationers", "1 Inkwell Row", "Bertram Quill"),
    ("Ørsted Fisk", "Havnegade 12, 9990 Skagen", "Søren Kvist"),
    ("Пекарня Заря", "ул. Ткацкая 5, 105318 Москва", "Игорь Снегирёв"),
    ("小林商店", "横浜市中区山下町7", "小林 健太"),
)


def nine_shops():
    """Receipts of nine shops with contact persons; a shop's name stands in its sentences, too."""
    rng, texts, secrets = random.Random("shops"), [], []
    for name, address, person in SHOPS:
        phone, mail = f"0{rng.randrange(10**8, 10**9)}", f"hello@{rng.randrange(10**6)}-shop.test"
        secrets += [name, address, person, phone, mail]
        for _ in range(6):
            number = f"INV-{rng.randrange(10**6, 10**7)}"
            secrets.append(number)
            texts.append(
                f"{name}\n{address}\nTel: {phone}\nE-mail: {mail}\nContact: {person}\n\n"
                f"Invoice No: {number}\nInvoice Date: 1{rng.randrange(3, 10)}/04/2025\n"
                f"Subtotal: {rng.randrange(10, 99)}.00\nTotal: {rng.randrange(100, 999)}.00\n"
                f"Thank you for shopping at {name}\nServed by {person}\n{name}: 12.00\n"
            )
    return texts, secrets


def receipts():
    """Receipts in the manner of real ones, of twelve shops."""
    shops = [Shop(f"privacy {number}") for number in range(12)]
    texts = [shop.receipt()[0] for shop in shops for _ in range(5)]
    return texts, [secret for shop in shops for secret in shop.secrets]


def _invoices(language, sellers, streets, people, labels, lines):
    rng, texts, secrets = random.Random(language), [], []
    for seller, street, person in zip(sellers, streets, people, strict=True):
        secrets += [seller, street, person]
        for _ in range(5):
            number, iban = f"{rng.randrange(10**5, 10**6)}/25", f"XY{rng.randrange(10**16, 10**17)}"
            tax_id = f"{language.upper()}{rng.randrange(10**8, 10**9)}"
            secrets += [number, iban, tax_id]
            values = {
                "number": number, "iban": iban, "tax": tax_id, "seller": seller, "street": street,
                "person": person, "net": f"{rng.randrange(100, 999)},50",
                "day": f"{rng.randrange(13, 28)}.03.2025",
                "gross": f"{rng.randrange(1000, 9999)},50",
            }  # fmt: skip
            texts.append("\n".join([*lines, *labels]).format(**values))
    return texts, secrets


def german():
    """German invoices with a title in words and a contact person."""
    return _invoices(
        "de",
        ("Quellwasser Obermaier GmbH", "Drechslerei Vogelsang e.K.", "Uhrenhaus Zeidler"),
        ("Am Alten Wehr 17, 99989 Hinterstein", "Kirschgrund 4", "Postgasse 9, 98765 Unterwald"),
        ("Hannelore Pfistermeister", "Eberhard Kranzl", "Wiebke Tjarks"),
        ("Nettobetrag:      {net}", "Gesamtbetrag:     {gross} €", "IBAN: {iban}"),
        ("{seller}        {street}", "Rechnung Nr. {number} vom {day}", "USt-IdNr.: {tax}",
         "Ansprechpartner: {person}", "Es berät Sie gern {person} von {seller}", "{street}",
         "Pos   Beschreibung     Menge    Preis", "1     Sonderposten {seller}   2    {net}"),
    )  # fmt: skip


def french():
    """French invoices with a party to the left of the reference fields."""
    return _invoices(
        "fr",
        ("Chocolaterie Beauséjour SARL", "Menuiserie Trégastel", "Cave des Deux Lunes"),
        ("12 impasse du Moulin Rond, 29999 Kerlouan", "3 sente aux Loups", "7 quai des Brumes"),
        ("Apolline Grandjean", "Barnabé Lestoquoy", "Sidonie Malherbe"),
        ("Total HT     {net}", "Total TTC     {gross} €", "N° TVA : {tax}", "IBAN {iban}"),
        ("{seller}          Facture n° : {number}", "{street}          Date : {day}",
         "Contact : {person}", "Merci de votre visite chez {seller}", "À l'attention de {person}"),
    )  # fmt: skip


def polish():
    """Polish invoices with columns of two parties."""
    return _invoices(
        "pl",
        ("Zakład Stolarski DĄBROWA Sp. z o.o.", "Piekarnia Złoty Kłos", "Hurtownia Śnieżka S.A."),
        ("ul. Jarzębinowa 31, 12-999 Zalesie Dolne", "ul. Młyńska 2", "os. Polne 14/3"),
        ("Bożena Szczepańska", "Zdzisław Wrona", "Grażyna Łąka"),
        ("Razem netto: {net}", "Do zapłaty: {gross} zł", "Nr konta: {iban}"),
        ("Faktura nr: {number}      Data wystawienia: {day}",
         "Sprzedawca: {seller}      NIP: {tax}",
         "{street}", "Wystawił: {person}", "Dziękujemy za zakupy w {seller}",
         "{person}, kierownik"),
    )  # fmt: skip


def e_invoices():
    """E-invoices as rendered by programs: contacts, mails and sites in a block of their own."""
    rng, texts, secrets = random.Random("e-invoices"), [], []
    for at in range(12):
        name = (
            f"{rng.choice(['Lumenwerk', 'Kranichhof', 'Tannenspitz'])} {rng.choice('QXY')}{at} GmbH"
        )
        given = rng.choice(["Ortrud", "Gisbert", "Notburga"])
        person = f"{given} {rng.choice(['Wackerbarth', 'Zschoche'])}"
        mail = f"{given.lower()}@{at}lumen.test"
        phone, gln = (
            f"+49 {rng.randrange(100, 999)} {rng.randrange(10**6, 10**7)}",
            f"{rng.randrange(10**12, 10**13)}",
        )
        number = f"R{rng.randrange(10**6, 10**7)}"
        secrets += [name, person, mail, phone, gln, number, "Fabrikzeile 40", f"www.{at}lumen.test"]
        texts.append(
            f"Handelsrechnung Nr. {number} vom 05.03.2025\n\nVerkäufer\n  Name:      {name}\n"
            f"  Anschrift:     Fabrikzeile 40\n                 DE 80333 Hinterstein\n"
            f"  Globale Nummer:   {gln}\n  Kontakt:   {person}\n  Telefon: {phone}\n"
            f"  E-Mail: {mail}\n  Web: www.{at}lumen.test\n\nBemerkungen\n"
            f"  Lieferung durch {name}, veranlasst von {person} am Standort Hinterstein\n\n"
            "Pos    Beschreibung        Menge       Betrag\n"
            f"1      Sonderteil {name}      20 Stk      198,00\n\n"
            "   Rechnungssumme ohne USt.      473,00\n   Steuerbetrag      56,87\n"
            "   Bruttosumme    529,87\n"
        )
    return texts, secrets


PILES = (nine_shops, receipts, german, french, polish, e_invoices)

"""Documents made up in the manner of real ones, with their truth: receipts, invoices, statements.

Six languages, several layouts each. Nothing here knows how a rewrite reads a page.
"""

from __future__ import annotations

import random

from pytest_slm_autopsy.records import Case

SHOPS = (
    "LAGOON FRESH MART SDN BHD",
    "IRONWOOD HARDWARE",
    "KEDAI BUKU MERANTI",
    "PASAR TIMUR (M) SDN. BHD.",
    "Bäckerei Ahrens",
    "Épicerie du Port",
    "Bakkerij De Molen",
    "Sklep Jagoda",
    "Frutería Luz",
)
STREETS = (
    "LOT 18, JALAN TERATAI 7,\n41200 KLANG LAMA,\nSELANGOR.",
    "22 GROUND FLOOR\nJALAN PASAR",
    "Am Deich 9\n20457 Hamburg",
    "4 rue des Tanneurs\n69005 Lyon",
    "Polderweg 12\n1011 AB Delft",
)
GOODS = (
    "DISH SOAP LEMON",
    "BREAD WHOLE GRAIN",
    "PAINT BRUSH",
    "WALL SEALER",
    "Roggenbrot",
    "Café moulu",
)
COMPANIES = (
    "Lieferant Nord GmbH",
    "Atelier Roussel SARL",
    "Kunden Mitte AG",
    "Northwind Ltd",
    "Molen B.V.",
    "Malwa Sp. z o.o.",
    "Talleres Luz S.L.",
    "Beta Glass Inc.",
)

RECEIPT = {
    "en": (
        "TAX INVOICE",
        "INVOICE NO",
        "DATE",
        "CASHIER",
        "TOTAL",
        "CASH",
        "CHANGE",
        (
            "THANK YOU. PLEASE COME AGAIN!",
            "GOODS SOLD ARE NOT RETURNABLE",
            "PLEASE KEEP THIS RECEIPT FOR YOUR RECORDS.",
            "ALL PRICES INCLUDE GST",
        ),
    ),
    "de": (
        "",
        "Bon-Nr",
        "Datum",
        "Kasse",
        "Summe",
        "Bar",
        "Rückgeld",
        (
            "Vielen Dank für Ihren Einkauf.",
            "Es bediente Sie die Filiale.",
            "Wir freuen uns auf Sie!",
        ),
    ),
    "fr": (
        "",
        "Ticket no",
        "Date",
        "Caisse",
        "Total",
        "Espèces",
        "Rendu",
        ("Merci de votre visite.", "Nous vous remercions pour votre confiance."),
    ),
    "nl": (
        "",
        "Bonnummer",
        "Datum",
        "Kassa",
        "Totaal",
        "Contant",
        "Terug",
        ("Bedankt voor uw bezoek.", "Bewaar de bon, dit is uw garantie."),
    ),
    "pl": (
        "PARAGON",
        "Nr paragonu",
        "Data",
        "Kasa",
        "Suma",
        "Gotówka",
        "Reszta",
        ("Dziękujemy za zakupy, zapraszamy ponownie.",),
    ),
    "es": (
        "",
        "Ticket",
        "Fecha",
        "Caja",
        "Total",
        "Efectivo",
        "Cambio",
        ("Gracias por su visita.", "No se admiten devoluciones sin el ticket."),
    ),
}
INVOICE = {
    "en": (
        "Invoice",
        "Invoice No",
        "Invoice Date",
        "Order No",
        "Bill To:",
        "Description",
        "Qty",
        "Price",
        "Amount",
        "Net",
        "VAT",
        "Total",
        "Payment Terms",
        "Thank you for your order and the trust in us.",
    ),
    "de": (
        "Rechnung",
        "Rechnungsnummer",
        "Rechnungsdatum",
        "Bestellnummer",
        "Käufer:",
        "Beschreibung",
        "Menge",
        "Preis",
        "Betrag",
        "Nettobetrag",
        "MwSt.",
        "Gesamtbetrag",
        "Zahlungsbedingungen",
        "Wir danken Ihnen für den Auftrag.",
    ),
    "fr": (
        "Facture",
        "Facture n°",
        "Date",
        "Commande n°",
        "Client :",
        "Désignation",
        "Qté",
        "P.U.",
        "Montant",
        "Total HT",
        "TVA",
        "Total TTC",
        "Conditions de paiement",
        "Nous vous remercions pour votre commande.",
    ),
    "nl": (
        "Factuur",
        "Factuurnummer",
        "Factuurdatum",
        "Ordernummer",
        "Klant:",
        "Omschrijving",
        "Aantal",
        "Prijs",
        "Bedrag",
        "Subtotaal",
        "Btw",
        "Totaal",
        "Betalingsvoorwaarden",
        "Wij danken u voor uw bestelling.",
    ),
    "pl": (
        "Faktura",
        "Faktura nr",
        "Data wystawienia",
        "Zamówienie nr",
        "Nabywca:",
        "Nazwa towaru",
        "Ilość",
        "Cena",
        "Wartość",
        "Razem netto",
        "VAT",
        "Do zapłaty",
        "Warunki płatności",
        "Dziękujemy za zakupy i za zaufanie.",
    ),
    "es": (
        "Factura",
        "Factura número",
        "Fecha",
        "Pedido número",
        "Cliente:",
        "Concepto",
        "Cantidad",
        "Precio",
        "Importe",
        "Base imponible",
        "IVA",
        "Total",
        "Condiciones de pago",
        "Gracias por su confianza en nosotros.",
    ),
}
STATEMENT = {
    "de": (
        "Wertpapier Abrechnung Kauf",
        "Depotnummer",
        "Auftragsnummer",
        "Datum",
        "Stück",
        "Kurswert",
        "Provision",
        "Ausmachender Betrag",
        "Diese Abrechnung wurde maschinell erstellt und wird nicht unterschrieben.",
    ),
    "en": (
        "Contract Note Purchase",
        "Account No",
        "Order No",
        "Trade Date",
        "Quantity",
        "Market value",
        "Commission",
        "Total debit",
        "This document was issued by us and is valid without a signature.",
    ),
    "fr": (
        "Avis d'opération",
        "Compte no",
        "Ordre no",
        "Date",
        "Quantité",
        "Montant brut",
        "Courtage",
        "Montant net",
        "Nous vous remercions de votre confiance et restons à votre service.",
    ),
    "nl": (
        "Nota aankoop",
        "Effectenrekening",
        "Ordernummer",
        "Datum",
        "Aantal",
        "Brutobedrag",
        "Transactiekosten",
        "Nettobedrag",
        "Wij danken u voor het vertrouwen dat u ons geeft.",
    ),
    "pl": (
        "Potwierdzenie zlecenia",
        "Nr zlecenia",
        "Nr transakcji",
        "Data",
        "Liczba",
        "Wartość brutto",
        "Prowizja",
        "Kwota netto",
        "Dokument jest ważny i nie wymaga podpisu przez bank.",
    ),
    "es": (
        "Nota de compra",
        "Cuenta",
        "Orden número",
        "Fecha",
        "Títulos",
        "Importe bruto",
        "Comisión",
        "Importe neto",
        "Gracias por su confianza en nuestros servicios.",
    ),
}


def made(kind, number, seed=0):
    """``number`` documents of a kind: ``receipt``, ``invoice`` or ``statement``."""
    make = {"receipt": receipt, "invoice": invoice, "statement": statement}[kind]
    return [make(random.Random(f"{seed}/{kind}/{n}"), f"{kind}-{n}") for n in range(number)]


def receipt(draw, name):
    language = draw.choice(["en", "en", "en", *RECEIPT])
    title, no, date, till, total, cash, change, notes = RECEIPT[language]
    shop, street = draw.choice(SHOPS), draw.choice(STREETS)
    code = f"{draw.choice(['CS', 'TD', 'R'])}{draw.randrange(10**5, 10**7)}"
    day = f"{draw.randrange(1, 29):02}/{draw.randrange(1, 13):02}/2018"
    time = f"{draw.randrange(8, 21):02}:{draw.randrange(60):02}"
    mark = draw.choice([": ", " : ", ":", " "])
    items = [
        (draw.choice(GOODS), draw.randrange(1, 5), draw.randrange(100, 4000))
        for _ in range(draw.randrange(1, 5))
    ]
    amount = sum(count * price for _, count, price in items)
    paid = (amount // 1000 + 1) * 1000
    rows = [
        f"{what}\n{count} X {euro(price)} {euro(count * price)}" for what, count, price in items
    ]
    references = draw.choice(
        [
            f"{no}{mark}{code}\n{date}{mark}{day} {time}\n{till}{mark}0{draw.randrange(1, 9)}",
            f"{no}{mark}{code} {date}{mark}{day}",
            f"{date}{mark}{day} {time}",
            f"{till}{mark}{draw.randrange(1, 9)}\n{no}{mark}{code}\n{date}{mark}{day}",
            f"{day} {time}",
        ]
    )
    parts = [
        shop,
        street,
        title,
        references,
        *rows,
        f"{total}{mark}{euro(amount)}",
        f"{cash}{mark}{euro(paid)}",
        f"{change}{mark}{euro(paid - amount)}",
    ]
    if draw.random() < 0.4:
        parts.insert(2, f"TEL: 01-555 {draw.randrange(1000, 9999)}")
    if draw.random() < 0.3:
        parts.append(
            f"GST SUMMARY\nGST CODE AMOUNT TAX\nS @6.0% {euro(amount)} {euro(amount * 6 // 106)}"
        )
    parts += draw.sample(notes, draw.randrange(0, len(notes) + 1))
    if draw.random() < 0.2:
        parts.append(
            draw.choice(["SERVED BY ALICE", "SEE ABOVE FOR REFUNDS", "POWERED BY TILLSOFT", "***"])
        )
    truth = {
        "company": shop,
        "date": day,
        "total": euro(amount),
        "number": code if code in references else None,
    }
    return Case(name, "\n".join(filter(None, parts)), truth)


def invoice(draw, name):
    words = INVOICE[draw.choice(list(INVOICE))]
    title, no, date, order, buyer, *head, net, vat, total, terms, thanks = words
    vendor, customer = draw.sample(COMPANIES, 2)
    code, ordered = f"RE-{draw.randrange(1000, 9999)}", f"{draw.randrange(10**4, 10**5)}"
    day = f"{draw.randrange(1, 29):02}.{draw.randrange(1, 13):02}.2023"
    mark = draw.choice([": ", " : ", "   ", ":"])
    items = [
        (draw.choice(GOODS), draw.randrange(1, 9), draw.randrange(500, 9000))
        for _ in range(draw.randrange(2, 5))
    ]
    sum_ = sum(count * price for _, count, price in items)
    tax = sum_ * 19 // 100
    table = ["".join(word.ljust(20) if not n else word.rjust(12) for n, word in enumerate(head))]
    table += [
        f"{what:<20}{count:>12}{euro(price):>12}{euro(count * price):>12}"
        for what, count, price in items
    ]
    totals = [
        f"{label}{gap}{euro(value)}"
        for gap in [draw.choice([": ", "      "])]
        for label, value in ((net, sum_), (vat, tax), (total, sum_ + tax))
    ]
    references = [f"{no}{mark}{code}", f"{date}{mark}{day}"]
    if draw.random() < 0.5:
        references.append(f"{order}{mark}{ordered}")
    parts = [
        [vendor, "Am Deich 9", "20457 Hamburg"],
        [buyer, customer, "Polderweg 12"],
        references,
        table,
        totals,
    ]
    if draw.random() < 0.6:
        parts.append([f"{terms}: 14"])
    if draw.random() < 0.6:
        parts.append([thanks])
    if draw.random() < 0.2:
        parts.append(
            [
                draw.choice(
                    ["Bitte siehe oben.", "See the items above, please.", f"Übertrag {euro(sum_)}"]
                )
            ]
        )
    if draw.random() < 0.3:
        parts.insert(0, [title])
    truth = {
        "vendor": vendor,
        "customer": customer,
        "number": code,
        "date": day,
        "net": euro(sum_),
        "total": euro(sum_ + tax),
    }
    gap = draw.choice(["\n\n", "\n\n", "\n"])
    return Case(name, gap.join("\n".join(part) for part in parts), truth)


def statement(draw, name):
    title, account, order, date, pieces, value, fee, total, note = STATEMENT[
        draw.choice(list(STATEMENT))
    ]
    bank, isin = (
        draw.choice(["Hafenbank eG", "Bank Noord N.V.", "Banque du Port SA"]),
        "LU0000000018",
    )
    day = f"{draw.randrange(1, 29):02}.{draw.randrange(1, 13):02}.2024"
    number, count = (
        f"{draw.randrange(10**4, 10**6)}/{draw.randrange(10, 99)}",
        draw.randrange(1, 300),
    )
    gross, cost = draw.randrange(10**4, 10**6), draw.randrange(100, 5000)
    mark, sign = draw.choice([" ", ": ", " : "]), draw.choice(["", "-", " EUR"])
    lead = [
        f"{account}{mark}{draw.randrange(10**5, 10**7)}",
        f"{order}{mark}{number}",
        f"{date}{mark}{day}",
    ]
    draw.shuffle(lead)
    body = [
        title,
        f"{pieces} {count} NORDWIND MIX {isin}",
        f"{value} {comma(gross)}{sign}",
        f"{fee} {comma(cost)}{sign}",
        f"{total} {comma(gross + cost)}{sign}",
    ]
    parts = [bank, "Frau Mara Lindholm", "Am Deich 9", *lead[: draw.randrange(1, 4)], *body]
    if draw.random() < 0.5:
        parts.append(note)
    if draw.random() < 0.2:
        parts += ["Alter Saldo 100,00", "Neuer Saldo 50,00"]
    text = "\n".join(parts)
    truth = {
        "isin": isin,
        "date": day if day in text else None,
        "shares": str(count),
        "amount": comma(gross + cost),
        "number": number if number in text else None,
    }
    return Case(name, text, truth)


def euro(cents):
    return f"{cents // 100}.{cents % 100:02}"


def comma(cents):
    return f"{cents // 100:,}".replace(",", ".") + f",{cents % 100:02}"

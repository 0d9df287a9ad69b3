"""What the model reads: parcel labels, and the words it is asked with."""

from pytest_slm_autopsy import DocumentSchema, Field, PromptFormat, values

PARCEL = DocumentSchema(
    "parcel",
    (
        Field("tracking", "Tracking No", values.code(("PX",), 6), kind="code"),
        Field("shipped", "Shipped", values.day, kind="date"),
        Field("sender", "Sender", values.company, kind="company"),
        Field("receiver", "Receiver", values.person, kind="person"),
        Field("declared", "Declared Value", values.amount, kind="money"),
        Field("note", "Note", values.one_of(("Fragile", "Keep dry")), optional=True),
    ),
)
PROMPT = PromptFormat(system="Read the parcel label.", user="Keys: {fields}\n\n{text}")

"""The words of the notice at the post (article 13 of the GDPR), by language.

`{plates}` and `{rechecks}` are days.  Short enough that all languages stand on one page, and a draft:
whoever answers for the station decides about the legal basis.
"""

from typing import TypedDict


class Notice(TypedDict):
    """What stands on the page in one language: a heading, and a word with its sentences for each part."""

    title: str
    parts: list[tuple[str, str]]
    ask: str
    authority: str


SWEDISH: Notice = {
    "title": "Dina uppgifter",
    "parts": [
        ("Vad", "Registreringsnumret, tiderna för ditt besök och vad vi sa till dig."),
        (
            "Varför",
            (
                "För att ta alla i rätt ordning och visa rätt port. Grund: avtal när du har bokat,"
                " annars vårt berättigade intresse (GDPR artikel\u00a06.1\u00a0b och\u00a0f)."
            ),
        ),
        (
            "Hur länge",
            (
                "Numret raderas {plates} dagar efter besöket, {rechecks} dagar om bilen ska på"
                " efterkontroll. Tiderna blir kvar, utan nummer."
            ),
        ),
        (
            "Vilka ser det",
            "Vår personal och de som sköter systemet åt oss. Skylten visar numret när det är din tur.",
        ),
        (
            "Din rätt",
            (
                "Få veta vad vi har, få det rättat eller raderat, få ut det, begränsa det eller invända."
                " Vill du inte skriva numret här? Kom till disken."
            ),
        ),
    ],
    "ask": "Fråga oss",
    "authority": "Klaga hos",
}

ENGLISH: Notice = {
    "title": "Your data",
    "parts": [
        ("What", "Your number plate, the times of your visit and what we told you."),
        (
            "Why",
            (
                "To take everybody in the right order and show the right door. Basis: contract if you"
                " have booked, otherwise our legitimate interest (GDPR article\u00a06(1)(b) and\u00a0(f))."
            ),
        ),
        (
            "How long",
            (
                "The plate is erased {plates} days after the visit, {rechecks} days if the car must come"
                " back. The times stay, without the plate."
            ),
        ),
        (
            "Who sees it",
            (
                "Our staff and those who run the system for us. The sign shows the plate when it is your"
                " turn."
            ),
        ),
        (
            "Your rights",
            (
                "Know what we have, have it corrected, erased or handed over, restrict it or object. You"
                " do not want to type it here? Come to the desk."
            ),
        ),
    ],
    "ask": "Ask us",
    "authority": "Complain to",
}

# To be read by a native speaker before a station uses them, as the post's own words are.
FINNISH: Notice = {
    "title": "Tietosi",
    "parts": [
        ("Mitä", "Rekisteritunnus, käyntisi ajat ja mitä kerroimme sinulle."),
        (
            "Miksi",
            (
                "Jotta kaikki pääsevät oikeassa järjestyksessä oikealle ovelle. Peruste: sopimus, jos"
                " olet varannut ajan, muuten oikeutettu etumme (GDPR 6 artikla\u00a01\u00a0b ja\u00a0f)."
            ),
        ),
        (
            "Kuinka kauan",
            (
                "Tunnus poistetaan {plates} päivää käynnin jälkeen, {rechecks} päivää, jos auto tulee"
                " jälkitarkastukseen. Ajat jäävät ilman tunnusta."
            ),
        ),
        (
            "Kuka näkee",
            "Henkilökuntamme ja järjestelmän ylläpitäjät. Kyltti näyttää tunnuksen, kun on vuorosi.",
        ),
        (
            "Oikeutesi",
            (
                "Saada tietää, mitä meillä on, oikaista, poistaa tai saada se, rajoittaa tai vastustaa."
                " Etkö halua kirjoittaa tähän? Tule tiskille."
            ),
        ),
    ],
    "ask": "Kysy meiltä",
    "authority": "Valita",
}

BOKMAL: Notice = {
    "title": "Dine opplysninger",
    "parts": [
        ("Hva", "Registreringsnummeret, tidene for besøket ditt og hva vi sa til deg."),
        (
            "Hvorfor",
            (
                "For å ta alle i riktig rekkefølge og vise riktig port. Grunnlag: avtale når du har"
                " bestilt time, ellers vår berettigede interesse (GDPR artikkel\u00a06.1\u00a0b og\u00a0f)."
            ),
        ),
        (
            "Hvor lenge",
            (
                "Nummeret slettes {plates} dager etter besøket, {rechecks} dager hvis bilen skal til"
                " etterkontroll. Tidene blir stående, uten nummer."
            ),
        ),
        (
            "Hvem ser det",
            (
                "Våre ansatte og de som drifter systemet for oss. Skiltet viser nummeret når det er din"
                " tur."
            ),
        ),
        (
            "Din rett",
            (
                "Få vite hva vi har, få det rettet, slettet eller utlevert, begrense det eller protestere."
                " Vil du ikke skrive nummeret her? Kom til skranken."
            ),
        ),
    ],
    "ask": "Spør oss",
    "authority": "Klag til",
}

NOTICES: dict[str, Notice] = {"sv": SWEDISH, "en": ENGLISH, "fi": FINNISH, "nb": BOKMAL}

"""Which legacy encoding a text is in: told for certain, or asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from given import source

from scriptbot.errors import UndecodableText
from scriptbot.text.guess import guess_encoding


def test_what_is_not_certain_is_asked(tmp_path: Path) -> None:
    with pytest.raises(UndecodableText):
        source(tmp_path, "x.txt", "Ada: Günaydın, nasılsın?\n" * 6, "cp1254")


SENTENCES = [
    ("cp1253", "ΑΝΝΑ: Καλημέρα, τι κάνεις; Πού ήσουν χθες το βράδυ;\nΝΙΚΟΣ: Ήμουν στο σπίτι.\n"),
    ("cp1253", "ΑΝΝΑ: ΠΟΥ ΕΙΣΑΙ; ΕΛΑ ΕΔΩ ΑΜΕΣΩΣ.\nΝΙΚΟΣ: ΔΕΝ ΘΕΛΩ.\n"),
    ("cp1255", "אנה: שלום, מה שלומך?\nדוד: בסדר, תודה. איפה היית אתמול?\n"),
    ("cp1250", "Ágnes: Jó napot, hogy vagy? Hol voltál tegnap este?\nTamás: Nem éreztem jól magam, őszintén.\n"),
    ("cp1250", "Anna: Dzień dobry, jak się masz? Gdzie byłaś?\nTomasz: W domu. Źle się czułem.\n"),
    ("cp1250", "ZOŁA: Świetnie! Cześć. Będę tęsknić.\n"),
    ("iso8859_2", "Anna: Dzień dobry, jak się masz? Gdzie byłaś?\nTomasz: W domu. Źle się czułem.\n"),
    ("cp1254", "Ayşe: Çok güzel bir gün. Nereye gidiyorsun?\nÖmer: İşe gidiyorum, öğleden sonra dönerim.\n"),
    ("cp850", "JOÃO: A mãe não está. Às três horas estará.\n"),
    ("cp1251", "АННА: ГДЕ ТЫ?\nИВАН: ЗДЕСЬ.\n"),
]


@pytest.mark.parametrize(("codec", "text"), SENTENCES)
def test_another_language_is_not_taken_for_a_western_one(codec: str, text: str) -> None:
    assert guess_encoding(text.encode(codec))[0] in (None, codec)


@pytest.mark.parametrize(
    "text",
    [
        "JOÃO: Não sei não.\nANA: São três horas. Então vão?\n",
        "MARÍA: Hola.\nTOMÁS: Adiós.\n",
        "MÃE: Põe o pão à mesa, irmão.\n",
        "HÉLÈNE: Déjà ?\nFRANÇOIS: Oui, ça ira.\n",
        "È vero. Perché no? Così è la città.\n",
        "Ada: It’s late.\nTom: “Late”?\n",
    ],
)
def test_western_languages_are_told_by_a_line(text: str) -> None:
    assert guess_encoding(text.encode("cp1252"))[0] == "cp1252"

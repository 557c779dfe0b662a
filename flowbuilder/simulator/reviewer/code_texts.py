"""The words of authentication templates, which are Meta's own in every language; here for some of them."""

from __future__ import annotations

from typing import Any

# body, advice, expiry for one minute, expiry for several (N stands for the number), copy button, fill-in button
_TEXTS = {
    "en": ("*{{1}}* is your verification code.", "For your security, do not share this code.", "This code expires in N minute.",
           "This code expires in N minutes.", "Copy code", "Autofill"),
    "es": ("Tu código de verificación es *{{1}}*.", "Por tu seguridad, no lo compartas.", "Este código caduca en N minuto.",
           "Este código caduca en N minutos.", "Copiar código", "Autocompletar"),
    "pt": ("Seu código de verificação é *{{1}}*.", "Para sua segurança, não o compartilhe.", "Este código expira em N minuto.",
           "Este código expira em N minutos.", "Copiar código", "Preencher"),
    "fr": ("Votre code de vérification est *{{1}}*.", "Pour votre sécurité, ne le partagez pas.", "Ce code expire dans N minute.",
           "Ce code expire dans N minutes.", "Copier le code", "Saisie auto"),
    "de": ("*{{1}}* ist dein Verifizierungscode.", "Zu deiner Sicherheit solltest du ihn nicht weitergeben.",
           "Dieser Code läuft in N Minute ab.", "Dieser Code läuft in N Minuten ab.", "Code kopieren", "Ausfüllen"),
    "it": ("*{{1}}* è il tuo codice di verifica.", "Per la tua sicurezza, non condividerlo.", "Questo codice scade tra N minuto.",
           "Questo codice scade tra N minuti.", "Copia codice", "Compila"),
    "id": ("*{{1}}* adalah kode verifikasi Anda.", "Demi keamanan, jangan bagikan kode ini.", "Kode ini kedaluwarsa dalam N menit.",
           "Kode ini kedaluwarsa dalam N menit.", "Salin kode", "Isi otomatis"),
    "ar": ("رمز التحقق الخاص بك هو *{{1}}*.", "للحفاظ على أمانك، لا تشارك هذا الرمز.", "تنتهي صلاحية هذا الرمز خلال N دقيقة.",
           "تنتهي صلاحية هذا الرمز خلال N دقيقة.", "نسخ الرمز", "ملء تلقائي"),
}  # fmt: skip


def body(language: str, has_advice: bool) -> str:
    text, advice, *_ = _of(language)
    return f"{text} {advice}" if has_advice else text


def footer(language: str, minutes: int) -> str:
    _, _, one, several, *_ = _of(language)
    return (one if minutes == 1 else several).replace("N", str(minutes), 1)


def preview(language: str, has_advice: bool, minutes: int | None) -> dict[str, Any]:
    *_, copy, fill = _of(language)
    shown: dict[str, Any] = {"body": body(language, has_advice), "buttons": [{"text": copy, "autofill_text": fill}], "language": language}
    return shown | ({"footer": footer(language, minutes)} if minutes else {})


def _of(language: str) -> tuple[str, ...]:
    return _TEXTS.get(language.split("_")[0], _TEXTS["en"])

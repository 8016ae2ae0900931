"""The interface in other languages: gettext catalogues, and the list of messages that they translate."""

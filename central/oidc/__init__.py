"""Sign-in by the house's own provider (OpenID Connect Core 1.0), if the settings name one.

The way of a sign-in: `SignInElsewhere.begin` sends the browser to the provider and gives it a sealed
note of what we asked (`trip`); `SignInElsewhere.finish` takes what the browser brings back, redeems the
code (`provider`), believes the ID token or not (`id_token`), and lets in whom we know
(`central.elsewhere`) or whom the provider's claim names (`roles`).
"""

"""How this house speaks HTTP, said once for both of its servers.

Django's views and the bare ASGI server of tiles are thin skins: what a header means, whether a client holds an answer
already, which page of another origin may read it and how a refusal looks is decided here. Nothing in this room but
`gis_core.http.middleware`, Django's skin, knows a framework: functions take the values of headers and return statuses,
headers and bodies. Header names are in lower case where they are keys.

* `negotiation`: languages, formats and codings by their q-values; `conditions`: entity tags, If-Match, If-None-Match
* `cors`, `policy`: what pages of other origins, and browsers at all, may do with an answer
* `address`: where links begin; `parameters`: what a query says; `problems`: refusals; `bodies`: how much may be sent
"""

"""Texts of the formats that the relay's REST API names and the tester does not know, as people write them."""

import schemathesis
from hypothesis import strategies as st

names = st.from_regex(r"[a-z][a-z0-9]{0,12}", fullmatch=True)
hosts = st.builds("{}.example.org".format, names)

schemathesis.openapi.format("email", st.builds("{}@{}".format, names, hosts))
schemathesis.openapi.format("web-address", st.one_of(hosts, st.builds("https://{}/{}".format, hosts, names)))
schemathesis.openapi.format("phone-number", st.from_regex(r"\+4722[0-9]{6}", fullmatch=True))

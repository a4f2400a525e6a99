"""What a client asks before anything else."""

from support.api import Api


def test_ask_whether_the_server_is_there(api: Api):
    assert api.get("/health").json() is True
    assert api.get("/ready").status_code == 200
    assert api.get("/admin/version").json() == "3.8.8"

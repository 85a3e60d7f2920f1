"""Approvals: who must agree to what, from which amount on; what is asked for, agreed to, turned down and used."""

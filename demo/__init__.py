"""The demo's two resellers and their year; loaded by `manage.py load_demo`.

The taxpayers are SAT's public test ones and invented ones; their e-mail addresses end
in `.example`, which reaches nobody. `load_demo` refuses to run in production.
"""

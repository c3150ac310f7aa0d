"""The demo's two resellers and their year; loaded by `manage.py load_demo`.

The taxpayers are SAT's public test ones and invented ones; their mail goes to
`.example`, which reaches nobody. Nothing here runs in production (the command refuses).
"""

"""What happened to a client, by day: asked.py is what the address asks for, days.py
what is shown, reader.py how it is read.
"""

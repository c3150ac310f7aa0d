"""What the web server loads: `granian --interface wsgi reseller_panel.wsgi`."""

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connections

from reseller_panel.bodies import LimitBodies
from reseller_panel.health import refuse_to_serve
from reseller_panel.postgresql.base import serve

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reseller_panel.settings")

application = LimitBodies(get_wsgi_application(), most=settings.BODIES_AT_ONCE)
refuse_to_serve()
# Each thread of the server has a connection of its own; this one is not needed again.
connections.close_all()
serve()

# The garbage collector need not look again at what is loaded: it stays.
gc.collect()
gc.freeze()

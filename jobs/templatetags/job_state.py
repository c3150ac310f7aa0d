"""How the state of a job looks; never by colour alone."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from jobs.models import Job, JobState
from reseller_panel.templatetags.panel import icon

register = template.Library()

_LOOK = {  # tone and icon
    JobState.WAITING: ("mute", "clock"),
    JobState.RUNNING: ("info", "refresh-cw"),
    JobState.STOPPING: ("mute", "clock"),
    JobState.CANCELLED: ("mute", "ban"),
    JobState.FAILED: ("bad", "circle-x"),
    JobState.DONE: ("ok", "circle-check"),
}


@register.simple_tag
def job_state(job: Job) -> SafeString:
    """{% job_state job %}"""
    tone, symbol = _LOOK[job.state]
    label = capfirst(job.state.label)
    return format_html('<span class="badge {}">{}{}</span>', tone, icon(symbol), label)

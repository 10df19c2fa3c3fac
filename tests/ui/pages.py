"""The smallest pages on which the scripts of tabs, composer, calendar and role matrix run."""

PROBE = """
{% extends "base.html" %}
{% block title %}Probe{% endblock %}
{% block main %}<div class="page"><h1>Probe</h1>
<button type="button" id="refused" hx-post="/_probe/refused/" hx-target="#main">Refused</button>
<button type="button" id="broken" hx-get="/_probe/broken/" hx-target="#main">Broken</button>
<button type="button" id="expired" hx-get="/_probe/expired/" hx-target="#main">Expired</button>
<button type="button" id="moved" hx-get="/_probe/moved/" hx-target="#box">Moved</button><p id="box"></p>
</div>{% endblock %}
"""


COMPOSER = """
{% extends "base.html" %}
{% block title %}Composer{% endblock %}
{% block head %}<script type="module" src="{% static 'js/composer.js' %}"></script>{% endblock %}
{% block main %}<div class="page"><h1>Composer</h1><post-composer class="grid gap-4">
<label class="chip"><input type="checkbox" data-net="x" checked>X</label>
<label class="chip"><input type="checkbox" data-net="mastodon" checked>Mastodon</label>
<label for="body">Text</label><textarea id="body"></textarea>
<span class="counter" data-count="x" data-limit="280" data-measure="x" data-label="X"><b></b></span>
<span class="counter" data-count="mastodon" data-limit="500" data-measure="mastodon"
 data-label="Mastodon"><b></b></span>
<p id="post-error" role="alert" hidden>Too long for <b data-nets></b></p>
<article data-preview="x"><p data-body data-empty="Empty" data-more="more" data-fold="10"></p></article>
<button type="button" popovertarget="emoji">Emoji</button>
<div id="emoji" class="pop emoji" popover><emoji-picker data-src="{% static 'data/emoji-en.json' %}">
<input type="search" aria-label="Search"><div data-grid></div><p data-none hidden>None</p></emoji-picker></div>
</post-composer></div>{% endblock %}
"""
CALENDAR = """
{% extends "base.html" %}
{% block title %}Calendar{% endblock %}
{% block head %}<script type="module" src="{% static 'js/calendar.js' %}"></script>{% endblock %}
{% block main %}<div class="page"><h1>Calendar</h1><post-calendar><ol class="cal-grid" id="days">
{% for day in "12" %}<li class="cal-day"><ul data-day="2026-11-2{{ day }}">{% if day == "1" %}
<li class="cal-post" data-post="7"><a href="#post" class="cal-link">Winter</a>
<button type="button" class="cal-more" commandfor="move" command="show-modal" data-post="7" data-at="2026-11-21T09:15"
 aria-label="Move Winter">m</button></li>{% endif %}</ul></li>{% endfor %}</ol>
<form data-move method="post" action="/_probe/refused/" hx-post="/_probe/refused/" hx-target="#days" hidden>
<input type="hidden" name="post"><input type="hidden" name="day"><input type="hidden" name="from"></form>
</post-calendar>
<dialog id="move" class="dialog" aria-label="Move post"><form method="post"><input type="hidden" name="post">
<label for="at">When</label>
<input type="datetime-local" id="at" name="at"></form></dialog></div>{% endblock %}
"""
MATRIX = """
{% extends "base.html" %}
{% block title %}Roles{% endblock %}
{% block head %}<script type="module" src="{% static 'js/matrix.js' %}"></script>{% endblock %}
{% block main %}<div class="page"><h1>Roles</h1><input type="search" id="find" aria-label="Find an action">
<p><span id="matrix-count"></span> actions</p><p id="matrix-none" hidden>No action is called that.</p>
<role-matrix class="matrix" data-field="changes" data-search="find"><table>
<thead><tr><th class="matrix-corner">Action</th><th>Owner</th><th>Author</th><th>Viewer</th></tr></thead>
<tbody><tr class="matrix-group"><th>Posts</th><td></td><td><button type="button" class="matrix-n"
 data-all="2"><b>1</b>/3
</button></td><td></td></tr>{% for action in actions %}<tr data-action="{{ action }}"><th>{{ action }}</th>
<td data-held><span class="sr-only">Allowed</span></td>
<td><input type="checkbox" value="2.{{ action }}"{% if forloop.first %} checked{% endif %}
 aria-label="Author {{ action }}"></td>
<td><input type="checkbox" value="3.{{ action }}" aria-label="Viewer {{ action }}"></td></tr>{% endfor %}</tbody>
</table></role-matrix><form id="save"><input type="hidden" id="changes" name="changes"></form>
<button type="button" data-reset>Discard</button></div>{% endblock %}
"""
TABS = """
{% extends "base.html" %}
{% block title %}Tabs{% endblock %}
{% block main %}<div class="page"><h1>Tabs</h1><nav class="tabs" aria-label="Tabs">
{% for one in "1234567" %}<a href="#{{ one }}"{% if one == "6" %} aria-current="page"{% endif %}>Long tab {{ one }}</a>
{% endfor %}</nav></div>{% endblock %}
"""
PAGES = {"": PROBE, "tabs/": TABS, "composer/": COMPOSER, "calendar/": CALENDAR, "matrix/": MATRIX}

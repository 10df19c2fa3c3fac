"""Partners and the vendor's support, inside one organization: ``/o/<slug>/``.

Below ``asked/`` lies what waits for this company's answer, below ``sent/`` what it has proposed itself, below
``sharing/`` what another company shares with it.
"""

from __future__ import annotations

from django.urls import path

from orgs.views import partner_people, partners, proposals, support

urlpatterns = [
    path("partners/", partners.PartnerList.as_view(), name="partner_list"),
    path("partners/sharing/", partners.SharingList.as_view(), name="sharing_list"),
    path("partners/invite/", proposals.PartnerInvite.as_view(), name="partner_invite"),
    path("partners/ask/", proposals.PartnerAsk.as_view(), name="partner_ask"),
    path("partners/asked/<int:pk>/", proposals.PartnerAnswer.as_view(), name="partner_answer"),
    path("partners/asked/<int:pk>/decline/", proposals.PartnerDecline.as_view(), name="partner_decline"),
    path("partners/sent/<int:pk>/withdraw/", proposals.PartnerWithdraw.as_view(), name="partner_withdraw"),
    path("partners/<int:pk>/", partners.PartnerDetail.as_view(), name="partner"),
    path("partners/<int:pk>/end/", partners.PartnerEnd.as_view(), name="partner_end"),
    path("partners/<int:pk>/share/", partners.PartnerShare.as_view(), name="partner_share"),
    path(
        "partners/<int:pk>/profiles/<int:share>/", partners.ShareChange.as_view(), name="partner_share_change"
    ),
    path(
        "partners/<int:pk>/profiles/<int:share>/end/", partners.ShareEnd.as_view(), name="partner_share_end"
    ),
    path("partners/sharing/<int:pk>/assign/", partner_people.ProfileAssign.as_view(), name="partner_assign"),
    path(
        "partners/sharing/<int:pk>/assigned/<int:assignment>/end/",
        partner_people.AssignmentEnd.as_view(),
        name="partner_assignment_end",
    ),
    path("settings/support/", support.SupportAccess.as_view(), name="support_access"),
    path("settings/support/<int:pk>/end/", support.SupportSessionStop.as_view(), name="support_session_stop"),
]

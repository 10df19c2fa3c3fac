"""Actions asked of an organization: content, inbox, listening, advocacy, library, reports."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from permissions.catalogue.action import (
    ADVOCACY,
    APPROVALS,
    INBOX,
    LIBRARY,
    LISTENING,
    PLANNING,
    POSTS,
    REPORTS,
    Scope,
    declare,
)

ACTIONS = (
    *declare(
        Scope.ORGANIZATION,
        POSTS,
        ("create_draft", _("Create drafts"), _("Start a post and keep it as a draft until it is ready.")),
        ("view_draft", _("See drafts"), _("See the drafts that colleagues keep in the organization.")),
        ("delete_draft", _("Delete drafts"), _("Delete drafts that nobody needs any more.")),
        (
            "toggle_draft_status",
            _("Turn draft status on or off"),
            _("Turn a post back into a draft, or mark a draft as ready."),
        ),
        (
            "create_or_edit_draft_category",
            _("Create and edit draft categories"),
            _("Create and rename the categories that sort the drafts."),
        ),
        (
            "delete_draft_category",
            _("Delete draft categories"),
            _("Delete a category of drafts; the drafts in it stay."),
        ),
        (
            "add_publishing_labels",
            _("Add labels while publishing"),
            _("Add new labels to posts while writing or scheduling them."),
        ),
        (
            "pause_publishing",
            _("Pause all publishing"),
            _("Stop every scheduled post of the organization at once, and start publishing again later."),
        ),
    ),
    *declare(
        Scope.ORGANIZATION,
        APPROVALS,
        (
            "create_approval_workflows",
            _("Create approval workflows"),
            _("Define who must approve a post, and in which order, before it goes out."),
        ),
        (
            "edit_or_delete_approval_workflows",
            _("Edit and delete approval workflows"),
            _("Change or delete the steps that a post must pass before it goes out."),
        ),
        (
            "view_approval_workflows",
            _("See approval workflows"),
            _("See which approval workflows exist and who approves in each."),
        ),
    ),
    *declare(
        Scope.ORGANIZATION,
        PLANNING,
        ("create_hashtag_list", _("Create hashtag lists"), _("Save a list of hashtags to use in posts.")),
        ("view_hashtag_lists", _("See hashtag lists"), _("See and use the organization's hashtag lists.")),
        ("manage_hashtag_lists", _("Manage hashtag lists"), _("Change and delete hashtag lists.")),
        (
            "create_custom_fields",
            _("Create custom fields"),
            _("Add fields of your own, such as a campaign code, to every post."),
        ),
        (
            "view_custom_fields",
            _("See custom fields"),
            _("See and fill in the organization's own fields on posts."),
        ),
        (
            "create_shared_calendars",
            _("Create shared calendars"),
            _("Share a calendar of posts with people outside the organization."),
        ),
        (
            "edit_or_delete_shared_calendars",
            _("Edit and delete shared calendars"),
            _("Change what a shared calendar shows, or stop sharing it."),
        ),
        (
            "view_shared_calendars",
            _("See shared calendars"),
            _("See which calendars are shared and with whom."),
        ),
        ("manage_queues", _("Manage queues"), _("Set up queues that publish posts at regular times.")),
        (
            "manage_automations",
            _("Manage automations"),
            _("Set up rules that act by themselves when something happens."),
        ),
        (
            "manage_content_campaigns",
            _("Manage content campaigns"),
            _("Begin the campaigns that posts are grouped into, and change or delete them."),
        ),
        ("view_labels", _("See labels"), _("See the labels that the organization uses.")),
        ("add_label", _("Add labels"), _("Add a label to the organization's list of labels.")),
        (
            "edit_or_delete_label",
            _("Edit and delete labels"),
            _("Rename a label or delete it everywhere it is used."),
        ),
        (
            "view_working_hours",
            _("See working hours"),
            _("See at which hours the organization answers messages."),
        ),
        (
            "manage_working_hours",
            _("Manage working hours"),
            _("Set at which hours the organization answers messages."),
        ),
    ),
    *declare(
        Scope.ORGANIZATION,
        INBOX,
        (
            "manage_reply_suggestions",
            _("Manage reply suggestions"),
            _("Decide which suggested replies people see in the inbox."),
        ),
        (
            "manage_custom_inboxes",
            _("Manage custom inboxes"),
            _("Create and change inboxes that gather the messages you choose."),
        ),
        ("add_inbox_labels", _("Add inbox labels"), _("Add labels that sort messages and comments.")),
        (
            "manage_moderation_rules",
            _("Manage moderation rules"),
            _("Set up the organization's rules that sort or hide messages by themselves."),
        ),
    ),
    *declare(
        Scope.ORGANIZATION,
        LISTENING,
        ("create_search", _("Create searches"), _("Follow what is said in public about words you choose.")),
        ("manage_search", _("Manage searches"), _("Change or delete the searches that listen in public.")),
        ("export_search", _("Export searches"), _("Download what a listening search has found.")),
        ("update_sentiment", _("Change sentiment"), _("Correct whether a mention found is good or bad.")),
    ),
    *declare(
        Scope.ORGANIZATION,
        ADVOCACY,
        (
            "create_campaign",
            _("Create advocacy campaigns"),
            _("Start a campaign of stories that employees may share."),
        ),
        ("list_campaigns", _("See advocacy campaigns"), _("See the list of advocacy campaigns.")),
        (
            "list_distribution_lists",
            _("See distribution lists"),
            _("See to which groups of employees stories are offered."),
        ),
        (
            "manage_ambassadors",
            _("Manage ambassadors"),
            _("Change or remove the employees who take part in advocacy."),
        ),
        (
            "view_ambassador_and_distribution_lists",
            _("See ambassadors"),
            _("See which employees take part in advocacy and in which lists they are."),
        ),
        ("create_ambassadors", _("Add ambassadors"), _("Invite employees to take part in advocacy.")),
        (
            "approve_stories",
            _("Approve stories"),
            _("Decide which stories are ready to be offered to employees."),
        ),
        (
            "share_stories",
            _("Share stories"),
            _("See approved stories and share them from your own accounts, if you like."),
        ),
        (
            "view_advocacy_results",
            _("See advocacy results"),
            _("See how far shared stories reached, without anyone's private data."),
        ),
    ),
    *declare(
        Scope.ORGANIZATION,
        LIBRARY,
        ("add_asset", _("Add files"), _("Add pictures, videos and documents to the library.")),
        ("edit_asset", _("Edit files"), _("Rename, describe and replace files in the library.")),
        ("delete_asset", _("Delete files"), _("Delete files from the library.")),
        ("download_asset", _("Download files"), _("Download files from the library.")),
        (
            "manage_content_library",
            _("Manage the content library"),
            _("Create the organization's libraries and decide how they are ordered."),
        ),
        (
            "manage_tag_library",
            _("Manage the tag library"),
            _("Create, rename and delete the tags used for posts and files."),
        ),
        (
            "manage_link_settings",
            _("Manage link settings"),
            _("Decide which tracking details are added to links in posts."),
        ),
        (
            "manage_link_shorteners",
            _("Manage link shorteners"),
            _("Choose the services that shorten links in posts."),
        ),
        (
            "manage_vanity_urls",
            _("Manage vanity addresses"),
            _("Set up the organization's own web addresses for short links."),
        ),
        (
            "create_link_page",
            _("Create link pages"),
            _("Create a page of links to show in a profile's description."),
        ),
        (
            "edit_or_delete_link_page",
            _("Edit and delete link pages"),
            _("Change or delete the pages of links shown in profiles."),
        ),
        ("view_link_pages", _("See link pages"), _("See the organization's link pages.")),
        (
            "use_transfer_box",
            _("Use the transfer box"),
            _("Send and receive confidential files safely through the transfer box."),
        ),
        (
            "manage_transfer_box",
            _("Manage the transfer box"),
            _("See every transfer, set how long files are kept, and delete transfers."),
        ),
    ),
    *declare(
        Scope.ORGANIZATION,
        REPORTS,
        (
            "view_competitor_reports",
            _("See competitor reports"),
            _("Compare the organization's profiles with those of competitors."),
        ),
        (
            "add_or_remove_competitors",
            _("Add and remove competitors"),
            _("Choose the competitors that appear in reports."),
        ),
        ("view_ad_accounts", _("See ad accounts"), _("See which ad accounts are connected.")),
        (
            "add_or_remove_ad_accounts",
            _("Add and remove ad accounts in reports"),
            _("Choose the ad accounts that appear in reports."),
        ),
        (
            "add_google_analytics_accounts",
            _("Add Google Analytics accounts"),
            _("Connect Google Analytics so that reports show visits to your site."),
        ),
        (
            "view_google_analytics_accounts",
            _("See Google Analytics accounts"),
            _("See which Google Analytics accounts are connected."),
        ),
        (
            "view_roi_reports",
            _("See return reports"),
            _("See what social media brought in visits and sales."),
        ),
        (
            "export_roi_reports",
            _("Export return reports"),
            _("Download reports of what social media brought in visits and sales."),
        ),
    ),
)

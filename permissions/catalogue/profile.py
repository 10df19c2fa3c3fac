"""Actions asked of a social profile."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from permissions.catalogue.action import (
    APPROVALS,
    INBOX,
    PINS,
    PLANNING,
    POSTS,
    PROFILES,
    REPORTS,
    Scope,
    declare,
)

ACTIONS = (
    *declare(
        Scope.PROFILE,
        POSTS,
        ("view_posts", _("See posts"), _("See the profile's posts and when they go out.")),
        ("manage_drafts", _("Write drafts"), _("Write, change and delete drafts for the profile.")),
        (
            "manage_own_posts",
            _("Manage your own posts"),
            _("Change and delete the scheduled posts that you wrote yourself."),
        ),
        (
            "manage_posts",
            _("Manage everyone's posts"),
            _("Change, reschedule and delete the profile's posts, whoever wrote them."),
        ),
        (
            "publish_posts",
            _("Publish posts"),
            _("Publish on the profile at once or on schedule, without anyone's approval."),
        ),
        (
            "delete_published_posts",
            _("Delete published posts"),
            _("Delete posts from the network after they were published."),
        ),
        (
            "take_over_held_posts",
            _("Take over held posts"),
            _("Answer for posts that were held because their author lost access, and let them go out."),
        ),
        (
            "resolve_publications",
            _("Settle failed publications"),
            _("Say what happened to a post whose outcome is unknown, or try a failed one again."),
        ),
        (
            "label_scheduled_posts",
            _("Label scheduled posts"),
            _("Add labels to posts that have not gone out yet."),
        ),
        (
            "label_published_posts",
            _("Label published posts"),
            _("Add labels to posts that have gone out."),
        ),
        (
            "promote_posts",
            _("Promote posts"),
            _("Spend money so that more people see a post of the profile."),
        ),
    ),
    *declare(
        Scope.PROFILE,
        APPROVALS,
        (
            "send_for_approval",
            _("Send posts for approval"),
            _("Hand in a post that goes out once someone else has approved it."),
        ),
        (
            "view_approvals",
            _("See approvals"),
            _("See which posts wait for approval and who decided on the others."),
        ),
        ("review_posts", _("Review posts"), _("Approve posts that wait for approval, or send them back.")),
        (
            "force_approve_or_reject",
            _("Overrule an approval"),
            _("Approve or reject a post at once, whatever steps are left."),
        ),
        (
            "comment_and_mention_team",
            _("Comment for colleagues"),
            _("Write notes on posts that only colleagues see, and mention them."),
        ),
        (
            "send_replies_for_approval",
            _("Send replies for approval"),
            _("Hand in a reply or comment that goes out once someone else has approved it."),
        ),
        (
            "review_replies",
            _("Review replies"),
            _("Approve replies and comments that wait for approval, or send them back."),
        ),
    ),
    *declare(
        Scope.PROFILE,
        PLANNING,
        (
            "bulk_import_csv",
            _("Import posts from a file"),
            _("Add many posts at once from a table file (CSV)."),
        ),
        ("queue_settings", _("Change queue settings"), _("Choose at which times the profile's queue posts.")),
        (
            "manage_rss_feeds",
            _("Manage feeds"),
            _("Let the profile post new entries of a news feed (RSS) by itself."),
        ),
    ),
    *declare(
        Scope.PROFILE,
        PINS,
        (
            "manage_public_boards",
            _("Manage public boards"),
            _("Create, change and see boards that everyone sees."),
        ),
        (
            "manage_secret_boards",
            _("Manage secret boards"),
            _("Create, change and see boards hidden from the public."),
        ),
        ("delete_boards", _("Delete boards"), _("Delete a board with all Pins on it.")),
        (
            "archive_and_merge_boards",
            _("Archive and merge boards"),
            _("Put a board away, or join two boards into one."),
        ),
        (
            "collaborate_on_boards",
            _("Collaborate on boards"),
            _("Work on boards together with people outside."),
        ),
        (
            "act_on_pin_details",
            _("Work on a Pin's page"),
            _("Save a Pin to another board, tag products, comment, or leave yourself a note."),
        ),
    ),
    *declare(
        Scope.PROFILE,
        INBOX,
        ("index_inbox_items", _("See the inbox"), _("See the profile's messages and comments.")),
        (
            "publish_replies",
            _("Reply and comment"),
            _("Answer messages and comments in the profile's name, without anyone's approval."),
        ),
        (
            "reply_with_saved_replies",
            _("Use saved replies"),
            _("Answer messages with texts that were saved beforehand."),
        ),
        (
            "moderate_items",
            _("Moderate messages and comments"),
            _("Hide, delete or close messages and comments."),
        ),
        ("assign_inbox_items", _("Assign messages"), _("Hand a message or comment to a colleague.")),
        ("ban_users", _("Ban people"), _("Block someone from the profile on the network.")),
        ("edit_sentiment", _("Correct sentiment"), _("Correct whether a message is marked good or bad.")),
        (
            "create_leads_and_contacts",
            _("Create contacts"),
            _("Save the people who write to the profile as contacts or leads."),
        ),
        (
            "manage_contacts",
            _("Follow and unfollow"),
            _("Follow and unfollow accounts in the profile's name."),
        ),
        (
            "export_conversations",
            _("Export conversations"),
            _("Download the profile's messages as a table file (CSV)."),
        ),
        ("view_saved_replies", _("See saved replies"), _("See the texts saved for answering messages.")),
        (
            "manage_saved_replies",
            _("Manage saved replies"),
            _("Write, change and delete the texts saved for answering messages."),
        ),
        (
            "create_and_manage_moderation_rules",
            _("Manage moderation rules from the inbox"),
            _("Turn what you do with a message into a rule, and change such rules, right in the inbox."),
        ),
        (
            "view_moderation_rules",
            _("See moderation rules"),
            _("See the rules that sort or hide messages by themselves."),
        ),
        (
            "add_moderation_rule",
            _("Add moderation rules"),
            _("Add a rule that sorts or hides the profile's messages by itself."),
        ),
        (
            "edit_or_delete_moderation_rule",
            _("Edit and delete moderation rules"),
            _("Change or delete a rule that sorts or hides the profile's messages."),
        ),
    ),
    *declare(
        Scope.PROFILE,
        REPORTS,
        ("view_reports", _("See reports"), _("See how the profile and its posts are doing over time.")),
        ("view_post_statistics", _("See a post's numbers"), _("See how many people a single post reached.")),
        ("export_reports", _("Export reports"), _("Download reports about the profile.")),
        (
            "manage_custom_reports",
            _("Manage custom reports"),
            _("Put together reports of your own that include the profile."),
        ),
        (
            "activate_competitors",
            _("Activate competitors"),
            _("Choose with which competitors the profile is compared."),
        ),
        (
            "view_and_manage_report_settings",
            _("Manage report settings"),
            _("See and change how the profile's reports are calculated and sent."),
        ),
    ),
    *declare(
        Scope.PROFILE,
        PROFILES,
        (
            "view_profile",
            _("See the profile"),
            _("See that the profile exists and whether its connection works."),
        ),
        ("manage_profile", _("Manage the profile"), _("Change the profile's settings in the organization.")),
        (
            "view_profile_access",
            _("See who has access"),
            _("See who may do what on the profile, and why."),
        ),
        (
            "manage_profile_access",
            _("Manage access to the profile"),
            _("Give people and teams roles on the profile, never beyond what you may do on it yourself."),
        ),
        (
            "reconnect_profile",
            _("Reconnect the profile"),
            _("Renew the profile's connection when the network asks for it."),
        ),
        (
            "disconnect_profile",
            _("Disconnect the profile"),
            _("End the connection to the network, so that nothing more goes out."),
        ),
        (
            "pause_profile",
            _("Pause the profile"),
            _("Hold back everything scheduled on the profile, and let it go on later."),
        ),
        (
            "edit_publishing_time_zone",
            _("Change the time zone"),
            _("Choose the time zone in which the profile's posts are scheduled."),
        ),
        (
            "edit_profile_cover",
            _("Change the cover picture"),
            _("Change the large picture at the top of the profile on the network."),
        ),
        (
            "toggle_instagram_direct_publishing",
            _("Switch Instagram direct publishing"),
            _("Turn on or off whether posts go to Instagram without a reminder on the phone."),
        ),
        (
            "toggle_instagram_messages_and_stories",
            _("Switch Instagram messages and stories"),
            _("Turn on or off whether Instagram messages and stories reach the inbox."),
        ),
    ),
)

from publishing.organizing.views.campaigns import (
    CampaignDeletion,
    CampaignDetail,
    CampaignEdit,
    CampaignList,
    CampaignNew,
)
from publishing.organizing.views.drafts import DraftDeletion, DraftPlace, Drafts
from publishing.organizing.views.history import History, Restoration
from publishing.organizing.views.labeling import PostLabels
from publishing.organizing.views.lists import (
    CustomFieldDeletion,
    CustomFieldEdit,
    CustomFields,
    DraftCategories,
    DraftCategoryDeletion,
    DraftCategoryEdit,
    HashtagListDeletion,
    HashtagListEdit,
    HashtagLists,
    HashtagsToInsert,
    LabelDeletion,
    LabelEdit,
    Labels,
)

__all__ = [
    "CampaignDeletion",
    "CampaignDetail",
    "CampaignEdit",
    "CampaignList",
    "CampaignNew",
    "CustomFieldDeletion",
    "CustomFieldEdit",
    "CustomFields",
    "DraftCategories",
    "DraftCategoryDeletion",
    "DraftCategoryEdit",
    "DraftDeletion",
    "DraftPlace",
    "Drafts",
    "HashtagListDeletion",
    "HashtagListEdit",
    "HashtagLists",
    "HashtagsToInsert",
    "History",
    "LabelDeletion",
    "LabelEdit",
    "Labels",
    "PostLabels",
    "Restoration",
]

"""The skill packs that come with forethought: each folder is one. Nothing here is imported to list them."""

"""The reviewer of templates: what is refused at once, and what a review decides."""

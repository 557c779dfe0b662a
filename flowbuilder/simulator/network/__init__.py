"""The network between the business and people: statuses of messages, and webhooks to the business."""

"""This app's endpoints, below ``/api/v1/organizations/<slug>/``: the same declarations and services as its pages."""

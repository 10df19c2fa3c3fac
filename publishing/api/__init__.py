"""This app's endpoints, below ``/api/v1/organizations/<slug>/``: the declarations and services of its pages."""

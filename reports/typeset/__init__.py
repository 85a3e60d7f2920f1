"""From a document to a page: HTML by Jinja2, PDF by WeasyPrint, with fonts that travel with the package."""

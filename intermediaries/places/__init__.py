"""Where the money works: from a postcode, an LSOA or an authority to its area, nation and published deprivation."""

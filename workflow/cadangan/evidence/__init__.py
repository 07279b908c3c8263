"""What did happen: the journal, signatures, kept manifests."""

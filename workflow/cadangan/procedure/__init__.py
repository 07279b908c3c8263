"""What must happen: steps as data, cases, officials, permits. Pure: no files, no SQL, no Ansible."""

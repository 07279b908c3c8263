"""Starting and watching ansible-runner."""

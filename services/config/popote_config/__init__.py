"""What clients must know before they go local: the Ollama address."""

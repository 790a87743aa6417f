"""Pure readers of what strangers wrote (pages, texts, what models answered) into drafts of recipes.

They run in the sandbox alone; the service itself imports nothing of this room but `draft`.
"""

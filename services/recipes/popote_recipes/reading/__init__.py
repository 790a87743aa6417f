"""Pure readers of what strangers wrote (pages, texts, pictures, what models answered).

They run in the sandbox alone; the service itself imports nothing of this room but `draft`.
"""

"""What the household has and must buy: start at `api.StockApi`; `replica.Replica` keeps a copy."""

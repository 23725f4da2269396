"""What is shown of an answer: tables in a terminal, and the page behind them."""

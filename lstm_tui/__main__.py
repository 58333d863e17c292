"""`python -m lstm_tui` is `lstm-tui`."""

from lstm_tui.cli import main

if __name__ == "__main__":
    main()

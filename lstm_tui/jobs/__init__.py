"""Where model, disk and clock meet: jobs are iterators of events. No Textual."""

"""The workbenches (工作台): the exam's recipes behind forms and buttons for the trainer, the report's for the clerk."""

"""Learning from results (试卷分析): statistics of items and papers, and what they mean in words."""

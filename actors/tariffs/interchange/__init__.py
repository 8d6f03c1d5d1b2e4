"""Other people's tariffs: how their forms become documents of ours, or are refused, with what we cannot say."""

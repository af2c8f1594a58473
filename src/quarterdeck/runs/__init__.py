"""Runs and answers: a computation is made once for the same inputs, and every figure knows what it rests on."""

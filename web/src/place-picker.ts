// The entry of forms that have a place to be picked; the map itself is loaded when the page stands.
import "virtual:fonts.css";
import "./tokens.css";
import "./parts/place-picker.css";
import "./parts/place-picker";

"""Six packs that no training has seen: a table of their functions, with ways to ask for them, and words of their own."""
# ruff: noqa: E501

from __future__ import annotations

import functools
from collections.abc import Mapping

from forethought.kernel.functions import PURE, FunctionSignature, Parameter
from forethought.kernel.values import ValueType
from training.concepts import Concept, read_table
from training.words import words

__all__ = ["WORDS", "unseen_concepts", "unseen_signatures"]

TABLE = """
Kitchen.findRecipe | findRecipe | Find a recipe for a dish | dish:dish | find a recipe for {dish}; look up how to cook {dish} | a recipe for {dish}; the {dish} recipe | recipe
Kitchen.ingredientsOf | ingredientsOf | List what goes into a dish | dish:dish | list the ingredients of {dish}; tell me what goes into {dish} | the ingredients of {dish}; what goes into {dish} | text
Kitchen.caloriesOf | caloriesOf | Estimate the calories of a dish | dish:meal | estimate the calories of {dish}; work out how many calories {dish} has | the calories of {dish}; the calorie count of {dish} | number
Kitchen.scaleRecipe | scaleRecipe | Adapt the amounts in a recipe to a number of guests | recipe<:recipe guests:guests | scale {recipe} for {guests} guests; adapt {recipe} to {guests} people | {recipe} scaled for {guests} guests | recipe
Kitchen.veganize | veganize | Replace everything that comes from animals in a recipe | recipe<:recipe | make {recipe} vegan; veganize {recipe} | a vegan version of {recipe}; {recipe} made vegan | recipe
Kitchen.addToShoppingList | addToShoppingList | Put things on the shopping list | text<:items | put {text} on the shopping list; add {text} to the shopping list; write {text} on my shopping list | |
Kitchen.startOven | startOven | Preheat the oven | degrees:degrees | preheat the oven to {degrees} degrees; heat the oven to {degrees} | |
Kitchen.winePairing | winePairing | Suggest a wine that goes with a dish | dish:dish | suggest a wine for {dish}; pair a wine with {dish} | a wine that goes with {dish}; the wine pairing for {dish} | text
Garden.plantCare | plantCare | Tell how to look after a plant | plant:plant | tell me how to care for {plant}; look up the care of {plant} | care instructions for {plant}; how to look after {plant} | text
Garden.floweringSeason | floweringSeason | Tell when a plant flowers | plant:plant | find out when {plant} flowers; look up the flowering time of {plant} | the flowering season of {plant}; when {plant} blooms | text
Garden.diagnosePlant | diagnosePlant | Find out what is wrong with a plant | plant:plant trouble:signs | find out why {plant} has {trouble}; diagnose {plant} with {trouble} | a diagnosis of {plant} with {trouble} | text
Garden.waterBed | waterBed | Water a flower bed for some minutes | bed:bed minutes:minutes | water {bed} for {minutes} minutes; sprinkle {bed} for {minutes} minutes | |
Garden.plantSeeds | plantSeeds | Sow seeds in a bed | plant:seed bed:bed | sow {plant} in {bed}; plant {plant} in {bed} | |
Garden.gardenDiary | gardenDiary | Note something in the garden book | text<:note | note {text} in the garden book; enter {text} in the garden book | |
Garden.harvestDate | harvestDate | Estimate when a crop is ripe | plant:crop | estimate when {plant} is ripe; work out the harvest date of {plant} | the harvest date of {plant}; when {plant} will be ripe | text
Music.findSong | findSong | Find a song by its words or its mood | mood:description | find a song that is {mood}; look for a {mood} song | a song that is {mood}; a {mood} song | song
Music.lyricsOf | lyricsOf | Get the lyrics of a song | song<:song | get the lyrics of {song}; show me the words of {song} | the lyrics of {song}; the words of {song} | text
Music.artistOf | artistOf | Tell who sings a song | song<:song | find out who sings {song}; tell me the singer of {song} | the singer of {song}; whoever sings {song} | artist
Music.albumsOf | albumsOf | List the albums of an artist | artist<:artist | list the albums of {artist}; list the records {artist} made | the albums of {artist}; the discography of {artist} | text
Music.playSong | playSong | Play a song | song<:song | play {song}; put on {song}; start {song} | |
Music.addToPlaylist | addToPlaylist | Put a song on a playlist | song<:song playlist:playlist | put {song} on the playlist {playlist}; add {song} to my {playlist} playlist | |
Music.setVolume | setVolume | Set how loud the music is | level:level | set the volume to {level}; turn the music to {level} | |
Music.chordsOf | chordsOf | Get the guitar chords of a song | song<:song | get the chords of {song}; find the guitar chords for {song} | the chords of {song}; the guitar chords for {song} | text
Travel.findFlight | findFlight | Search for flights to a place on a day | place:destination day:day | find a flight to {place} on {day}; search flights to {place} for {day} | flights to {place} on {day}; a flight to {place} on {day} | text
Travel.findHotel | findHotel | Search for a hotel in a place | place:place | find a hotel in {place}; look for a hotel in {place} | a hotel in {place}; hotels in {place} | hotel
Travel.bookHotel | bookHotel | Book a hotel for some nights | hotel<:hotel nights:nights | book {hotel} for {nights} nights; reserve {nights} nights at {hotel} | |
Travel.visaRules | visaRules | Tell what visa a traveller needs for a country | land:country | check the visa rules for {land}; find out whether I need a visa for {land} | the visa rules for {land}; the entry rules of {land} | text
Travel.packingList | packingList | Make a packing list for a trip | place:destination nights:days | make a packing list for {nights} days in {place}; tell me what to pack for {nights} days in {place} | a packing list for {nights} days in {place} | text
Travel.emergencyNumber | emergencyNumber | Give the emergency telephone number of a country | land:country | find the emergency number of {land}; look up the emergency number in {land} | the emergency number of {land} | text
Travel.addToItinerary | addToItinerary | Write something into the travel plan | text<:entry | write {text} into the travel plan; add {text} to my itinerary; put {text} in the itinerary | |
SmartHome.turnOn | turnOn | Switch a device on | device:device | switch on the {device}; turn on the {device} | |
SmartHome.turnOff | turnOff | Switch a device off | device:device | switch off the {device}; turn off the {device} | |
SmartHome.setTemperature | setTemperature | Set the heating of a part of the house | zone:zone degrees:degrees | set the {zone} to {degrees} degrees; heat the {zone} to {degrees} degrees | |
SmartHome.dimLights | dimLights | Dim the lamps of a part of the house | zone:zone level:percent | dim the lights in the {zone} to {level} percent; lower the {zone} lights to {level} percent | |
SmartHome.readSensor | readSensor | Read what a sensor measures | sensor:sensor | read the {sensor} sensor; check the {sensor} sensor | what the {sensor} sensor says; the reading of the {sensor} sensor | text
SmartHome.lockDoor | lockDoor | Lock a door of the house | door:door | lock the {door}; bolt the {door} | |
SmartHome.showOnDisplay | showOnDisplay | Put something on the display in the hall | text<:content | put {text} on the hall display; show {text} on the hall display | |
Library.findBook | findBook | Find a book on a subject in the catalogue | theme:subject | find a book on {theme}; search the catalogue for a book about {theme} | a book on {theme}; a library book about {theme} | book
Library.reserveBook | reserveBook | Reserve a book | book<:book | reserve {book}; put {book} on hold; have {book} kept for me | |
Library.renewLoan | renewLoan | Keep a borrowed book for longer | book<:book | renew {book}; renew my loan of {book} | |
Library.dueDate | dueDate | Tell when a borrowed book must be returned | book<:book | find out when {book} is due; check the due date of {book} | the due date of {book}; when {book} is due back | text
Library.authorOf | authorOf | Tell who wrote a book | book<:book | find out who wrote {book}; look up the author of {book} | the author of {book}; whoever wrote {book} | writer
Library.booksBy | booksBy | List the books of a writer | writer<:writer | list the books by {writer}; list everything {writer} wrote | the books by {writer}; everything written by {writer} | text
Library.blurbOf | blurbOf | Get the text on the back of a book | book<:book | get the blurb of {book}; read me the back of {book} | the blurb of {book}; the back cover of {book} | text
Library.mailReader | mailReader | Write to a reader of the library | reader:reader text<:notice | write to the reader {reader} with {text}; let reader {reader} know {text}; send reader {reader} {text} | |
"""

WORDS = {
    "dish": words(
        "lasagne, lentil soup, pancakes, ramen, apple pie, paella, risotto, beef stew, falafel, sushi, gazpacho"
    ),
    "recipe": words("my goulash recipe, the waffle recipe, the recipe on page 12"),
    "guests": words("2, 4, 6, 8, 10, 12"),
    "degrees": words("18, 19, 21, 22, 160, 180, 200, 220"),
    "plant": words("tomatoes, orchids, lavender, basil, roses, tulips, carrots, strawberries, mint, pumpkins, sage"),
    "trouble": words("yellow leaves, black spots, brown tips, holes in the leaves, white dust"),
    "bed": words("bed 3, the north bed, the herb bed, the front bed, bed 7"),
    "minutes": words("5, 10, 15, 20, 30, 45"),
    "mood": words("sad, calm, cheerful, dreamy, angry, romantic, sleepy"),
    "song": words("Yellow Submarine, Imagine, Hallelujah, Bohemian Rhapsody, Summertime, Waterloo, Roxanne"),
    "artist": words("Nina Simone, ABBA, Miles Davis, Adele, Prince, Edith Piaf"),
    "playlist": words("Sunday, workout, road trip, dinner, focus"),
    "level": words("3, 5, 10, 20, 30, 40, 60, 70"),
    "place": words("Barcelona, Zanzibar, Reykjavik, Kathmandu, Marrakesh, Naples, Hanoi, Porto"),
    "day": words("Friday, 14 May, Saturday, 2 September, Christmas Eve, the 21st"),
    "hotel": words("Hotel Bristol, the Grand Hotel, Seaview Inn, Hotel Miramar"),
    "nights": words("2, 3, 4, 5, 7, 10, 14"),
    "land": words("Nepal, Cuba, Laos, Jordan, Namibia, Bolivia, Georgia"),
    "text": words("buy more salt, the tap drips, the key is under the mat, sunny all day, nobody is home"),
    "device": words("kettle, fan, radio, coffee machine, washing machine, garage light, heater"),
    "zone": words("kitchen, bedroom, cellar, bathroom, attic, living room"),
    "sensor": words("humidity, smoke, cellar, garden, window, attic"),
    "door": words("front door, back door, garage, cellar door, garden gate"),
    "theme": words("beekeeping, the Vikings, origami, whales of the Arctic, sailing, mushrooms, calligraphy"),
    "book": words("Moby Dick, Emma, Ulysses, Dracula, Middlemarch, The Hobbit, Walden"),
    "writer": words("Jane Austen, Borges, Tolstoy, Virginia Woolf, Murakami"),
    "reader": words("Ms. Lindqvist, Mr. Okafor, Tereza, Piet, Mrs. Haddad"),
}
_NUMBERS = frozenset({"guests", "degrees", "minutes", "level", "nights"})


@functools.cache
def unseen_concepts() -> tuple[Concept, ...]:
    """Return the functions of the six packs, and how they are asked for."""
    return tuple(read_table(TABLE))


@functools.cache
def unseen_signatures() -> Mapping[str, FunctionSignature]:
    """Return the signatures of the six packs by full name."""
    found: dict[str, FunctionSignature] = {}
    for concept in unseen_concepts():
        plugin, _, name = concept.key.partition(".")
        parameters = tuple(
            Parameter(each.names[0], ValueType("integer" if each.kind in _NUMBERS else "string"))
            for each in concept.slots
        )
        found[concept.key] = FunctionSignature(
            plugin=plugin,
            name=name,
            description=concept.descriptions[0],
            parameters=parameters,
            returns=ValueType("number" if concept.makes == "number" else "string"),
            effect=PURE,
        )
    return found

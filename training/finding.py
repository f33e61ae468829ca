"""Things that are found by what they are like, and what can then be asked of them and done to them.

A row of `FOUND` has a kind of thing, the slot it is found by, how it is spoken of, names and descriptions of the function
that finds it. A row of `OF_THEM` is one of `tables.LOOKUPS`. `WITH_THEM` is a table of concepts.
"""
# ruff: noqa: E501

from __future__ import annotations

from .words import words

__all__ = ["FIND", "FOUND", "OF_THEM", "THINGS", "WITH_THEM"]

FIND = words("find, look for, search for, get, pick, look up, get me")

FOUND = """
film | era:period,decade,from,time | a film from {era}; a movie of {era} | findFilm; searchFilms; pickMovie | Find a film by its time; Search for a movie of some period
restaurant | cuisine:food,kind,cuisine,style | a restaurant that serves {cuisine} food; a {cuisine} restaurant; a place with {cuisine} food | findRestaurant; restaurantFor; placeToEat | Find a restaurant by what it cooks; Search for a place to eat
doctor | symptom:complaint,symptom,problem | a doctor for {symptom}; a doctor who treats {symptom} | findDoctor; doctorFor; searchDoctors | Find a doctor for a complaint; Search for a doctor
flat | city<:city,place,town | a flat in {city}; an apartment in {city} | findFlat; searchFlats; apartmentIn | Find a flat to rent in a city; Search for an apartment
job | profession:profession,role,as | a job as {profession}; an opening for {profession} | findJob; searchJobs; openPosition | Find a job by profession; Search for an open position
course | subject:subject,topic,on | a course in {subject}; a class on {subject} | findCourse; searchCourses; classOn | Find a course on a subject; Search for a class
picture | topic:of,subject,query,showing | a picture of {topic}; a photo of {topic}; a picture that shows {topic} | findPicture; searchImages; photoOf | Find a picture by what it shows; Search for photos
paper | topic:topic,on,query | a paper on {topic}; a study about {topic} | findPaper; searchPapers; study | Find a scientific paper on a topic; Search for studies
video | topic:about,query,topic | a video about {topic}; a clip on {topic} | findVideo; searchVideos; clipAbout | Find a video about something; Search for a clip
game | players:for,players,who | a game for {players}; a board game for {players} | findGame; gameFor; pickGame | Find a board game by who plays it; Pick a game
museum | city<:city,in,place | a museum in {city}; the best museum of {city} | findMuseum; museumIn; searchMuseums | Find a museum in a city; Search for museums
supplier | product:product,item,of | a supplier of {product}; a shop that sells {product} | findSupplier; supplierOf; whoSells | Find who sells a product; Search for a supplier
contract | company<:with,company,partner | the contract with {company}; our contract with {company} | findContract; contractWith; getContract | Find the contract with a company; Search the contracts
route | city<:start,from,origin city2:end,to,destination | a route from {city} to {city2}; the way from {city} to {city2} | findRoute; planRoute; wayTo | Find a way from one city to another; Plan a route
sensordata | machine:machine,device,of | the log of the {machine}; the data of the {machine} | findData; dataOf; machineLog | Find the data that a machine has recorded; Load the log of a machine
hike | grade:grade,level,difficulty | a hike that is {grade}; a {grade} hike; a {grade} trail | findHike; searchTrails; pickHike | Find a hike by how hard it is; Search for a trail
wine | taste:taste,style,kind | a wine that is {taste}; a {taste} wine; a bottle that is {taste} | findWine; pickBottle; searchCellar | Find a wine by its taste; Pick a bottle by how it tastes
jacket | colour:colour,color,look | a jacket that is {colour}; a {colour} jacket; a {colour} coat | findJacket; searchJackets; pickCoat | Find a jacket by its colour; Search the shop for a coat
tale | tone:tone,feeling,description | a tale that is {tone}; a {tone} tale; a {tone} bedtime story | findTale; pickStory; searchTales | Find a tale by its tone; Pick a story that feels like something
beach | feel:like,kind,feel | a beach that is {feel}; a {feel} beach | findBeach; searchBeaches; beachLike | Find a beach by what it is like; Search for a beach
pet | nature:nature,character,temper | a pet that is {nature}; a {nature} pet; an animal that is {nature} | findPet; petLike; searchShelter | Find a pet by its nature; Search the shelter for an animal
"""

OF_THEM = """
restaurant text | menu; bill of fare | menu; menuOf; getMenu | text
restaurant text | opening hours | openingHours; whenOpen; hoursOf | text
restaurant person | chef; cook | chef; chefOf; whoCooks | person
restaurant phone | phone number | restaurantPhone; phoneOf; callNumber | phone
doctor phone | phone number; telephone number | doctorPhone; phoneOf; practiceNumber | phone
doctor date | next free appointment | nextFree; freeSlot; whenFree | date
flat number | rent; monthly rent | rentOf; rent; monthlyRent | number
flat person | landlord; owner | landlord; ownerOf; whoRents | person
job company | employer | employer; employerOf; whoHires | company
job text | requirements; job advert | requirements; advertOf; whatNeeded | text
job number | pay; wage | payOf; wage; howMuch | number
course person | lecturer; instructor | lecturer; taughtBy; instructorOf | person
course number | fee; tuition | feeOf; tuition; courseFee | number
course text | syllabus; timetable | syllabus; timetable; whatTaught | text
picture person | photographer | photographer; takenBy; whoTook | person
picture text | caption; picture description | captionOf; describePicture; altText | text
paper person | first author; lead researcher | firstAuthor; researcher; writtenBy | person
paper text | abstract; main findings | abstractOf; findings; abstract | text
paper number | number of citations | citations; countCitations; citedBy | number
video text | transcript | transcript; transcriptOf; whatSaid | text
video number | number of views | views; countViews; viewsOf | number
game company | publisher | publisher; publishedBy; gameMaker | company
game text | instructions | instructions; howToPlay; manualOf | text
museum text | current exhibition | exhibition; whatsShown; onDisplay | text
museum number | ticket price; entrance fee | entrance; ticketPrice; admission | number
supplier address | email address; order address | supplierEmail; orderAddress; mailOf | address
supplier text | price list; catalogue | priceList; catalogueOf; offers | text
contract date | end date; expiry date | endDate; expires; validUntil | date
contract text | main clauses; conditions | clausesOf; conditions; terms | text
contract person | contact person; signatory | contactPerson; signedBy; signatory | person
route number | length; distance | routeLength; distanceOf; howFar | number
route text | directions; turns | directions; turnByTurn; describeRoute | text
sensordata number | highest value; peak | peak; highest; maximumOf | number
sensordata text | faults; errors | faults; errorsIn; anomalies | text
film text | soundtrack | soundtrack; scoreOf | text
hike number | ascent; climb in metres | ascentOf; climb; metresUp | number
hike person | mountain guide | mountainGuide; whoGuides; guideOf | person
wine person | winemaker; vintner | winemaker; vintnerOf; grownBy | person
wine text | tasting notes | tastingNotes; notesOn; howItTastes | text
jacket company | brand; label | brandOf; label; madeBy | company
jacket text | washing instructions | washing; howToWash; careOf | text
tale person | teller; storyteller | tellerOf; toldBy; storyteller | person
tale text | moral; lesson | moralOf; lessonOf; moral | text
beach city | nearest town | nearestTown; townNear; closestTown | city
beach number | water temperature | waterTemperature; howWarm; seaTemp | number
pet person | keeper; vet | keeperOf; vetOf; caredBy | person
pet text | feeding plan; diet | dietOf; feedingPlan; whatItEats | text
"""

WITH_THEM = """
resize-picture | resize; scaleImage; resizePicture | Change the width of a picture; Scale a picture to a width | picture<:image,picture,input count:width,pixels,to | resize {picture} to {count} pixels; scale {picture} to a width of {count} | {picture} resized to {count} pixels; {picture} scaled to {count} pixels | picture
grey-picture | toGrey; blackAndWhite; removeColour | Take the colours out of a picture | picture<:image,picture,input | make {picture} black and white; take the colours out of {picture} | {picture} in black and white; a black-and-white version of {picture} | picture
cut-video | cutVideo; shortenClip; trimVideo | Cut a video to some minutes | video<:video,clip,input count:minutes,length,to | cut {video} to {count} minutes; shorten {video} to {count} minutes | {video} cut to {count} minutes; a {count}-minute version of {video} | video
subtitle-video | subtitle; addSubtitles; caption | Put subtitles in a language under a video | video<:video,input,clip language:language,in,to | add {language} subtitles to {video}; subtitle {video} in {language} | {video} with {language} subtitles | video
plain-contract | plainTerms; simplifyContract; inPlainWords | Rewrite a contract so that everybody understands it | contract<:contract,document,input | rewrite {contract} in plain words; make {contract} easy to understand | {contract} in plain words; a plain version of {contract} | contract
extend-contract | extendContract; prolong; renewContract | Make a contract longer by some months | contract<:contract,input,which count:months,by,for | extend {contract} by {count} months; prolong {contract} for {count} months | {contract} extended by {count} months | contract
tollfree-route | avoidTolls; noTolls; withoutMotorways | Change a route so that it needs no toll roads | route<:route,way,input | avoid tolls on {route}; change {route} so that it has no tolls | {route} without tolls; a toll-free version of {route} | route
clean-sensordata | cleanData; removeOutliers; filterNoise | Remove outliers from recorded data | sensordata<:data,log,input | clean {sensordata}; remove the outliers from {sensordata} | {sensordata} without outliers; a cleaned version of {sensordata} | sensordata
average-sensordata | hourlyMeans; smooth; averageOver | Average recorded data over some hours | sensordata<:data,input,series count:hours,window,over | average {sensordata} over {count} hours; smooth {sensordata} over {count} hours | {sensordata} averaged over {count} hours | sensordata
table-restaurant | bookTable; reserveTable; tableFor | Reserve a table in a restaurant | restaurant<:restaurant,where,place count:people,seats,guests | book a table at {restaurant} for {count} people; reserve a table for {count} at {restaurant} | |
apply-job | apply; applyFor; sendApplication | Apply for a job | job<:job,position,input | apply for {job}; send an application for {job} | |
enrol-course | enrol; signUpFor; joinCourse | Enrol in a course | course<:course,class,input | enrol in {course}; sign me up for {course} | |
hang-picture | setWallpaper; asBackground; showPicture | Set a picture as the background of the screen | picture<:picture,image,input | set {picture} as my wallpaper; use {picture} as the background | |
print-picture | printPhoto; orderPrint; photoPrint | Order a paper print of a picture | picture<:picture,photo,image count:copies,count,number | order {count} prints of {picture}; print {count} copies of {picture} | |
watch-video | watch; playVideo; showClip | Show a video on the screen | video<:video,clip,input | watch {video}; start {video} on the screen | |
queue-video | watchLater; addToQueue; queueVideo | Put a video on the list to watch later | video<:video,clip,input | put {video} on my watch list; keep {video} for later | |
bookmark-paper | bookmark; addToReadingList; savePaper | Put a paper on the reading list | paper<:paper,study,input | put {paper} on my reading list; bookmark {paper} | |
cite-paper | cite; citation; reference | Make the reference of a paper in a citation style | paper<:paper,study,input | make a citation of {paper}; cite {paper} | the citation of {paper}; the reference of {paper} | text
buygame | buyGame; orderGame | Order a board game | game<:game,title,which | order {game} for me; buy the game {game} | |
ticket-museum | museumTickets; buyEntry; bookVisit | Buy tickets for a museum | museum<:museum,where,place count:tickets,visitors,number | buy {count} tickets for {museum}; book a visit of {count} people to {museum} | |
sign-contract | sign; signContract | Sign a contract | contract<:contract,document,input | sign {contract}; put my signature under {contract} | |
cancel-contract | cancelContract; terminate; endContract | End a contract on a day | contract<:contract,which,input date:date,on,day | cancel {contract} on {date}; terminate {contract} by {date} | |
drive-route | navigate; startNavigation; drive | Start the navigation along a route | route<:route,way,input | start the navigation along {route}; navigate along {route} | |
tour-flat | bookViewing; viewFlat; arrangeViewing | Arrange to see a flat on a day | flat<:flat,apartment,which date:date,day,on | arrange to see {flat} on {date}; book a viewing of {flat} for {date} | |
visit-doctor | makeAppointment; visitDoctor; seeDoctorOn | Make an appointment with a doctor on a day | doctor<:doctor,with,who date:date,day,on | make an appointment with {doctor} on {date}; arrange to see {doctor} on {date} | |
rentfilm | rentFilm; streamMovie; lendFilm | Rent a film | film<:film,movie,title | rent {film}; stream {film} | |
ease-hike | easierWay; makeEasier; gentlerHike | Change a hike so that it is easier | hike<:hike,trail,input | make {hike} easier; find a gentler way for {hike} | an easier version of {hike}; {hike} made easier | hike
shorten-hike | shortenHike; limitHike; hikeOf | Shorten a hike to some kilometres | hike<:hike,trail,input count:kilometres,length,to | shorten {hike} to {count} kilometres; cut {hike} to {count} km | {hike} shortened to {count} kilometres; {hike} cut to {count} km | hike
order-wine | orderWine; buyBottles; sendWine | Order bottles of a wine | wine<:wine,which,input count:bottles,number,count | order {count} bottles of {wine}; get {count} bottles of {wine} | |
wear-jacket | reserveJacket; tryOn; putAside | Put a jacket aside to be tried on | jacket<:jacket,coat,item | have {jacket} put aside; reserve {jacket} for me | |
read-tale | readOut; tellTale; readAloudTale | Read a tale to the children | tale<:tale,story,input | read {tale} to the children; tell the children {tale} | |
rhyme-tale | inVerse; rhymeTale; putIntoVerse | Put a tale into verse | tale<:tale,story,input | put {tale} into verse; make {tale} rhyme | {tale} in verse; a version of {tale} in rhyme | tale
visit-beach | planTrip; beachTrip; visitBeach | Plan a trip to a beach on a day | beach<:beach,where,to date:date,day,on | plan a trip to {beach} on {date}; visit {beach} on {date} | |
adopt-pet | adopt; takeHome; adoptPet | Ask to adopt a pet | pet<:pet,animal,which | adopt {pet}; ask for {pet} to come home with me | |
chart-sensordata | chart; plotData; drawGraph | Draw recorded data as a chart | sensordata<:data,series,input | draw a chart of {sensordata}; plot {sensordata} | a chart of {sensordata}; a plot of {sensordata} | picture
"""

THINGS = {
    "era": words("the 1950s, the 1980s, 1977, the silent era, the nineties, 2004, the seventies"),
    "cuisine": words("Thai, Italian, Mexican, Greek, vegetarian, Ethiopian, Korean, Lebanese, Indian"),
    "restaurant": words("Chez Paul, Trattoria Roma, The Golden Fork, Blue Dragon, Zum Hirschen, La Cantina"),
    "doctor": words("Dr. Weiss, Dr. Okoye, Dr. Marsh, Dr. Lindgren, Dr. Sato"),
    "flat": words("flat 4B, the loft on Mill Street, the studio at 12 High Street, apartment 33"),
    "profession": words(
        "a nurse, a welder, a data analyst, a baker, an architect, a truck driver, a translator, an editor"
    ),
    "job": words("job 5531, the sales position, the internship, job J-77, the teaching post"),
    "course": words("Biology 101, the evening class, Spanish for beginners, course C-12, Intro to Law"),
    "picture": words("sunset.png, IMG_2041.jpg, the team photo, cover.jpg, the office panorama, portrait.png"),
    "paper": words("arXiv 1706.3762, the Nature article, the Lancet study, paper P-88"),
    "video": words("trailer.mp4, the keynote, clip 17, the tutorial, interview.mov, the drone footage"),
    "players": words("two players, small children, a big party, four people, beginners, the whole family"),
    "game": words("Chess, Catan, Monopoly, Ludo, Scrabble, Go, Carcassonne"),
    "museum": words("the Louvre, the Prado, the Science Museum, the Uffizi, the Tate"),
    "supplier": words("Miller & Sons, Paper Direct, Globex, OfficePlus, Acme Tools"),
    "contract": words("contract K-9, the lease, the service agreement, contract 2024-17"),
    "route": words("route 7, the coast road, the northern route, the scenic way"),
    "machine": words("pump, press, compressor, conveyor, turbine, lathe, boiler"),
    "sensordata": words("log 12, run-7.dat, the night shift data, series A"),
    "grade": words("easy, steep, demanding, gentle, alpine, moderate, short, wild"),
    "hike": words("the Eagle Ridge, Trail 14, the lake loop, the old mill path"),
    "taste": words("dry, fruity, sweet, oaky, light, earthy, full-bodied, sparkling"),
    "wine": words("Château Brun 2015, the house red, bottle 88, Riesling Alte Reben"),
    "colour": words("red, navy blue, olive, black, orange, grey, striped, beige"),
    "jacket": words("item 3307, the parka, the rain jacket, model Nordic"),
    "tone": words("funny, eerie, heart-warming, adventurous, silly, thoughtful, old, mysterious"),
    "tale": words("The Snow Queen, Puss in Boots, Rapunzel, The Golden Goose"),
    "feel": words("quiet, sandy, crowded, empty, rocky, sunny, unspoilt, family-friendly"),
    "beach": words("Praia do Norte, Bondi, the west beach, Seven Mile Beach"),
    "nature": words("playful, shy, affectionate, old, lively, obedient, stubborn, curious"),
    "pet": words("Bruno, cat 17, Mitzi, the grey rabbit, Rex"),
}

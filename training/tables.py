"""The concepts that training draws from: tables, and families of like concepts made from smaller ones."""
# ruff: noqa: E501

from __future__ import annotations

import functools
from collections.abc import Iterator

from .concepts import Concept, Slot, read_table
from .finding import FIND, FOUND, OF_THEM, WITH_THEM
from .words import words

__all__ = ["all_concepts"]

TRANSFORMS = """
upper | uppercase; toUpper; upper; capitals; makeUppercase | Write a text in upper case; Turn all letters into capitals | text<:input,text,value | write {text} in upper case; put {text} in capitals; convert {text} to uppercase; make {text} all caps; uppercase {text}; shout {text} in capital letters | {text} in upper case; {text} in capital letters; {text} in all caps; the uppercase version of {text} | text | 把{text}变成大写
lower | lowercase; toLower; lower; smallLetters | Write a text in lower case; Turn all letters into small ones | text<:input,text,value | write {text} in lower case; convert {text} to lowercase; put {text} in small letters; make {text} lowercase | {text} in lower case; {text} in small letters; the lowercase form of {text} | text | 把{text}变成小写
translate | translate; Translate; translateText; toLanguage; changeLanguage | Translate a text into another language; Render a text in a given language | text<:input,text,content language:language,to,target,target_language | translate {text} into {language}; translate {text} to {language}; put {text} into {language}; say {text} in {language}; turn {text} into {language} | {text} in {language}; {text} translated into {language}; the {language} translation of {text}; a {language} version of {text} | text | 把{text}翻译成{language}; 将{text}译成{language}
summary | summarize; Summarize; summary; shorten; condense; tldr | Summarize a text in a few sentences; Make a short summary of a text; Shorten a text to its main points | text<:input,text,document | summarize {text}; give a short summary of {text}; sum up {text}; condense {text}; boil {text} down to the main points | a summary of {text}; {text} in a few sentences; a short version of {text}; the summary of {text} | text | 总结{text}; 概括一下{text}
reverse | reverse; reverseText; backwards; flip | Reverse the order of the letters; Write a text backwards | text<:input,text,value | reverse {text}; write {text} backwards; spell {text} backwards | {text} backwards; {text} reversed; the reverse of {text} | text
trim | trim; strip; trimBlanks; cleanSpaces | Remove the blanks at both ends of a text; Strip leading and trailing spaces | text<:input,text,value | trim {text}; strip the blanks from {text}; remove the spaces around {text} | {text} without blanks around it; the trimmed {text} | text
rewrite | rewrite; Rewrite; restyle; rephrase; changeStyle | Rewrite a text in another style; Say a text in the manner of somebody | text<:input,text,content style:style,manner,as | rewrite {text} in the style of {style}; rewrite {text} like {style}; restyle {text} as {style}; rephrase {text} the way {style} would | {text} in the style of {style}; {text} rewritten like {style} | text
grammar | fixGrammar; correct; proofread; spellcheck | Correct spelling and grammar; Find and fix the mistakes in a text | text<:input,text,draft | correct the grammar of {text}; proofread {text}; fix the mistakes in {text} | {text} without mistakes; a corrected version of {text} | text | 改正{text}的语法
bullets | bulletPoints; toBullets; notes; Notegen; keyPoints | Turn a text into bullet points; Make short notes to learn from | text<:input,text,document | turn {text} into bullet points; make notes from {text}; take notes on {text}; list the key points of {text} | {text} as bullet points; notes on {text}; study notes from {text}; the key points of {text} | text
topics | topics; Topics; listTopics; themes | List the topics of a text; Name the themes a text is about | text<:input,text,document | list the topics of {text}; find the themes of {text}; name the subjects that {text} is about | the topics of {text}; the themes of {text} | text
emojis | addEmoji; emojify; withEmojis | Decorate a text with emojis; Add little pictures to a text | text<:input,text,message | add emojis to {text}; decorate {text} with emojis; emojify {text} | {text} with emojis | text
simplify | simplify; explainSimply; eli5; plainWords | Explain a text in simple words; Make a text easy to read | text<:input,text,passage | simplify {text}; explain {text} in simple words; make {text} easier to read | a simple explanation of {text}; {text} in plain words | text
expand | expand; elaborate; makeLonger; addDetail | Make a text longer; Add detail to a short text | text<:input,text,draft | expand {text}; make {text} longer; elaborate on {text} | a longer version of {text} | text
html | toHtml; markdownToHtml; asHtml; renderHtml | Turn text into HTML; Convert Markdown to a web page | text<:input,text,markdown | convert {text} to HTML; turn {text} into HTML; render {text} as a web page | {text} as HTML; the HTML of {text} | text
encode | base64; encode; toBase64 | Encode a text as base64 | text<:input,text,data | encode {text} as base64; base64-encode {text} | {text} in base64; the base64 form of {text} | text
encrypt | encrypt; cipher; encryptText; lock | Encrypt a text so that nobody can read it; Hide a text with a cipher | text<:input,text,plain | encrypt {text}; put {text} into a secret code | {text} encrypted; the encrypted form of {text} | text
hash | hash; sha256; digest; checksum | Compute the checksum of a text; Make a SHA-256 digest | text<:input,text,data | hash {text}; compute the checksum of {text} | the checksum of {text}; the SHA-256 hash of {text} | text
sort | sortLines; sort; alphabetize; orderLines | Sort the lines of a text; Put lines in alphabetical order | text<:input,text,lines | sort the lines of {text}; put {text} in alphabetical order; alphabetize {text} | {text} in alphabetical order; the sorted lines of {text} | text
rhyme | makeRhyme; toVerse; asPoem | Turn prose into verse; Make a text rhyme | text<:input,text,prose | make {text} rhyme; turn {text} into verse | {text} in verse; a rhyming version of {text} | text
title | makeTitle; headline; suggestTitle; nameIt | Find a good headline for a text; Suggest a title | text<:input,text,article | suggest a title for {text}; find a headline for {text} | a title for {text}; a headline for {text} | text
formal | formalize; makeFormal; polite; businessTone | Make a text sound formal; Rewrite a text in a businesslike tone | text<:input,text,message | make {text} more formal; make {text} sound polite; put {text} in a business tone | a formal version of {text}; {text} in a polite tone | text
censor | censor; redact; hideNames; anonymize | Remove the names from a text; Black out private data | text<:input,text,document | anonymize {text}; remove the names from {text}; redact {text} | {text} without names; an anonymous version of {text} | text
keywords | keywords; extractKeywords; tags; findTags | Find the keywords of a text; Extract tags | text<:input,text,document | extract the keywords from {text}; find tags for {text} | the keywords of {text}; tags for {text} | text
speakaudio | textToSpeech; synthesize; makeAudio; tts | Turn a text into speech; Make an audio recording of a text | text<:input,text,script | turn {text} into speech; make an audio version of {text}; record {text} as audio | an audio version of {text}; {text} as speech | text
morse | toMorse; morse; morseCode | Write a text in Morse code | text<:input,text,message | write {text} in Morse code; convert {text} to Morse | {text} in Morse code | text
quiz | makeQuiz; questions; quizFrom | Make quiz questions about a text | text<:input,text,material | make a quiz from {text}; write questions about {text} | a quiz on {text}; quiz questions about {text} | text
replace | replace; stringReplace; substitute; swapWords; findReplace | Replace every occurrence of one text within another; Swap one word for another | text<:input,text,haystack word:old,from,find,search word2:new,to,with,replacement | replace {word} with {word2} in {text}; in {text} change {word} to {word2}; swap {word} for {word2} in {text} | {text} with {word} replaced by {word2} | text
concat | concat; joinTexts; append; combine; merge | Put two texts together; Join one text to another | text<:input,first,a text2<:input2,second,b,other | join {text} and {text2}; put {text} and {text2} together; combine {text} with {text2}; concatenate {text} and {text2} | {text} joined with {text2}; {text} followed by {text2} | text
compare | compare; diff; compareTexts; differences | Compare two texts; Tell how two texts differ | text<:first,left,a,input text2<:second,right,b,other | compare {text} with {text2}; find the differences between {text} and {text2} | the differences between {text} and {text2}; a comparison of {text} and {text2} | text
answerabout | answer; askText; findAnswer; answerFrom | Answer a question about a text; Find the answer in a document | text<:document,context,text,source topic:question,query,about | find out what {text} says about {topic}; look in {text} for what it says about {topic} | what {text} says about {topic} | text
wordcount | countWords; wordCount; words; numberOfWords | Count the words of a text; Tell how many words there are | text<:input,text,document | count the words in {text}; count the words of {text}; tell me how many words are in {text} | the number of words in {text}; the word count of {text}; how many words {text} has | number | 数一数{text}有多少个词
length | length; countCharacters; textLength; size | Count the characters of a text; Measure how long a text is | text<:input,text,value | count the characters of {text}; measure the length of {text}; count the letters in {text} | the length of {text}; the number of characters in {text} | number
sentiment | sentiment; mood; isPositive; tone | Tell whether a text is positive or negative; Detect the mood of a text | text<:input,text,review | find the sentiment of {text}; detect the mood of {text}; check whether {text} is positive | the sentiment of {text}; the mood of {text}; the tone of {text} | text
detectlanguage | detectLanguage; whichLanguage; languageOf | Find out which language a text is in | text<:input,text,sample | detect the language of {text}; find out what language {text} is in | the language of {text} | text
readability | readability; readingLevel; difficulty | Score how hard a text is to read | text<:input,text,passage | score the readability of {text}; check how hard {text} is to read | the reading level of {text}; the readability score of {text} | number
"""

SINKS = """
savefile | write; saveFile; writeFile; save; store; writeToFile | Write a text file; Save a text to a file; Store content under a path | file:path,file,filename,target text<:input,content,text,data | save {text} to {file}; save {text} in {file}; write {text} to {file}; write {text} into {file}; store {text} in {file}; put {text} in the file {file}; save {text} as {file} | | | 把{text}保存到{file}; 将{text}写入{file}
appendfile | append; appendFile; addToFile; addLine | Add text at the end of a file; Append a line to a file | file:path,file,filename text<:input,content,text,line | append {text} to {file}; add {text} to the end of {file}; add {text} to {file} | |
email | sendEmail; SendEmail; email; mail; sendMail; emailTo | Send an email; Mail a message to somebody; Send a mail to an address | address<:to,address,email_address,emailaddress,recipient text<:body,message,input,content,text | send {text} to {address}; email {text} to {address}; email {address} {text}; mail {text} to {address}; mail {address} {text}; send {address} {text}; send {address} an email with {text} | | | 把{text}发给{address}; 把{text}用邮件发送给{address}
emailsubject | sendEmail; sendMail; composeMail; SendEmail | Send an email with a subject line; Mail a message under a subject | address<:to,address,email_address,recipient title?:subject,title,topic text<:body,message,input,content | email {text} to {address} with the subject {title}; send {address} {text} under the subject {title}; mail {text} to {address}, subject {title}; email {text} to {address}; email {address} {text}; send {text} to {address} | |
print | print; printOut; show; display; echo | Print a text; Show a text on the screen | text<:input,text,content,message | print {text}; show {text}; display {text}; print out {text} | | | 打印{text}
speak | say; speak; readAloud; voice; announce | Say a text aloud; Speak a text through the loudspeaker | text<:input,text,words | say {text} aloud; read {text} out loud; speak {text}; read {text} to me; announce {text} | | | 朗读{text}
slack | postMessage; postToChannel; slack; chatPost; sendToChannel | Post a message in a chat channel; Send a message to a channel of the team chat | channel:channel,room,where text<:message,text,input,body | post {text} in the {channel} channel; post {text} to {channel}; share {text} in {channel}; send {text} to the {channel} channel; tell the {channel} channel {text} | |
sms | sendSms; text; sms; sendText; textMessage | Send a text message to a phone; Send an SMS to a number | phone<:number,phone,to text<:message,text,input,body | text {text} to {phone}; send {phone} a text message with {text}; sms {text} to {phone}; send {text} by SMS to {phone} | |
tweet | tweet; postTweet; publish; toot | Publish a short message to followers; Post on the social network | text<:input,status,message,text | tweet {text}; post {text} on social media; publish {text} to my followers | |
blog | publishPost; blog; createPost; postArticle | Publish an article on the blog; Create a blog post | title:title,headline,heading text<:body,content,text,input | publish {text} on the blog under the title {title}; put {text} on the blog as {title}; blog {text} with the title {title} | |
clipboard | copy; copyToClipboard; clipboard | Copy a text to the clipboard | text<:input,text,value | copy {text} to the clipboard; put {text} on the clipboard | |
log | log; writeLog; logEvent; record | Write an entry in the log; Record an event | text<:message,entry,input,text | log {text}; write {text} to the log; record {text} in the log | |
remember | remember; Remember; memorize; keepInMind; saveMemory | Keep a text in memory, so that it can be recalled later; Remember a fact | text<:input,text,fact | remember {text}; keep {text} in memory; remember that {text}; memorize {text} | | | 记住{text}
journal | addToJournal; diaryEntry; writeDiary | Write an entry in the diary | text<:entry,text,input | write {text} in my diary; add {text} to my journal | |
wiki | updateWiki; editPage; writePage | Write a page of the wiki; Change a wiki page | title:page,title,name text<:content,text,body | put {text} on the wiki page {title}; update the wiki page {title} with {text} | |
fax | fax; sendFax | Send a fax to a number | phone<:number,to text<:content,document,text | fax {text} to {phone}; send a fax with {text} to {phone} | |
postweb | post; httpPost; postTo; upload; sendToUrl | Send content to a web address; Upload data to a URL | url:url,address,endpoint text<:input,body,content,data | post {text} to {url}; upload {text} to {url}; send {text} to {url} | |
cloud | uploadFile; toCloud; backup; saveToCloud | Upload a text to cloud storage; Keep a copy in the cloud | file:name,key,path text<:content,data,input | upload {text} to the cloud as {file}; back up {text} to the cloud under {file}; keep a copy of {text} in the cloud as {file} | |
message | sendMessage; message; notify; tell; dm | Send a message to a person; Notify a colleague | person:to,person,recipient,user text<:message,text,input,content | send {person} {text}; tell {person} {text}; message {person} {text}; send {text} to {person}; let {person} have {text} | | | 把{text}发给{person}
letter | sendLetter; postLetter; printLetter | Post a paper letter to a person | person:to,recipient,name text<:content,body,text | send {person} a paper letter with {text}; post {text} to {person} as a letter | |
frame | printPoster; makePoster; poster | Print a text as a large poster | text<:text,content,input | print {text} as a poster; make a poster of {text} | |
slide | addSlide; makeSlide; presentation | Put a text on a new slide | title:title,heading text<:content,text,body | put {text} on a slide titled {title}; make a slide {title} with {text} | |
"""

SOURCES = """
readfile | read; readFile; open; loadFile; getFile; load | Read a text file; Get the content of a file; Open a file | file:path,file,filename,input | read {file}; open {file}; load the file {file}; read the file {file}; get the content of {file} | the file {file}; the content of {file}; {file}; the text in {file}; what is in {file} | text | 读取{file}; 打开{file}
fetch | get; fetch; download; fetchPage; httpGet; readPage | Fetch a web address; Download a web page; Get the content of a URL | url:url,address,input,link | fetch {url}; download {url}; get the page {url}; open {url}; load {url} | the page {url}; the content of {url}; the web page {url}; {url} | text | 下载{url}
news | news; latestNews; getNews; headlines; newsAbout | Get the latest news about a subject; Find news on a topic | topic:topic,subject,about,query,input | get the latest news about {topic}; find news on {topic}; look up the news about {topic} | the latest news about {topic}; news on {topic}; the headlines about {topic} | text | 查找关于{topic}的新闻
search | search; webSearch; google; find; lookup | Search the web; Look something up on the internet | topic:query,q,input,terms | search the web for {topic}; look up {topic} on the internet; search for {topic} online; google {topic} | web results for {topic}; what the web says about {topic} | text | 在网上搜索{topic}
wikipedia | wikipedia; encyclopedia; article; lookupArticle | Read what the encyclopedia says on a subject | topic:title,topic,input,entry | look up {topic} in the encyclopedia; read the Wikipedia article on {topic} | the encyclopedia article on {topic}; the Wikipedia page about {topic} | text
recall | recall; Recall; searchMemory; retrieve | Recall what is in memory about something; Search the memory for texts that fit | topic:query,input,about,question | recall what you know about {topic}; recall the notes about {topic}; search the memory for {topic}; find {topic} in memory | what is in memory about {topic}; the memories of {topic} | text | 回忆关于{topic}的内容
define | define; definition; meaning; dictionary; lookUpWord | Get the definition of a word; Look a word up in the dictionary | word:word,term,input | define {word}; look up the meaning of {word}; look {word} up in the dictionary | the definition of {word}; the meaning of {word} | text | 解释{word}的意思
synonym | synonyms; thesaurus; similarWords | Find words of the same meaning | word:word,term,input | find synonyms for {word}; find words like {word} | synonyms of {word}; words that mean the same as {word} | text
antonym | antonym; opposite; oppositeOf | Find the opposite of a word | word:word,input | find the opposite of {word} | the opposite of {word}; the antonym of {word} | text
rhymes | rhymes; rhymesWith; findRhymes | List words that rhyme with a word | word:word,input | find rhymes for {word}; list words that rhyme with {word} | rhymes for {word}; words that rhyme with {word} | text
etymology | etymology; origin; wordHistory | Tell where a word comes from | word:word,term,input | find out where the word {word} comes from; trace the origin of {word} | the origin of the word {word}; the etymology of {word} | text
fact | randomFact; fact; trivia; funFact | Tell an interesting fact about something | topic:topic,subject,input,about | tell me a fact about {topic}; find some trivia about {topic} | a fact about {topic}; trivia about {topic}; an interesting fact about {topic} | text
animalfact | animalFacts; aboutAnimal; zoology | Tell how an animal lives | animal:animal,species,name,input | find out how the {animal} lives; look up the {animal} in the animal guide | facts about the {animal}; information on the {animal} | text
planetinfo | planet; planetInfo; astronomy | Give data about a planet | planet:planet,name,input | look up {planet} in the astronomy data | the data of the planet {planet}; astronomical data on {planet} | text
element | element; chemicalElement; periodicTable | Look up a chemical element | element:element,name,symbol | look up {element} in the periodic table | the properties of {element}; chemical data on {element} | text
filmplot | plot; movieInfo; filmSummary | Tell the plot of a film | film:film,movie,title | tell me the plot of {film}; find out what the film {film} is about | the plot of {film}; what {film} is about | text
score | score; matchResult; lastResult; gameScore | Get the last result of a team | team:team,club,input | get the last result of {team}; find out how {team} played | the last result of {team}; the score of {team} | text
weather | weather; forecast; getWeather; weatherIn | Get the weather forecast for a place; Tell what the weather is like in a city | city<:city,place,location,input date?:date,day,when | get the weather in {city}; check the weather in {city}; look up the forecast for {city}; get the weather in {city} for {date} | the weather in {city}; the forecast for {city}; the weather in {city} on {date} | text | 查询{city}的天气; 看看{city}的天气
time | timeIn; currentTime; clock; localTime | Tell the current time in a city | city<:city,place,zone | check the time in {city}; get the local time in {city} | the time in {city}; the local time in {city} | text
events | events; whatsOn; localEvents | List the events in a city | city<:city,place,town date?:date,day | list the events in {city}; find out what's on in {city}; list the events in {city} on {date} | the events in {city}; what's on in {city} | text
customer | getCustomer; customerRecord; findCustomer | Get the record of a customer | code:id,customer_id,number | get the record of customer {code}; look up customer {code} | the record of customer {code}; customer {code} | text
order | orderStatus; trackOrder; getOrder | Tell the status of an order; Track an order | code:order,order_id,number,id | check the status of order {code}; track order {code}; look up order {code} | the status of order {code}; order {code} | text | 查询订单{code}的状态
ticketinfo | getTicket; readTicket; issueDetails | Get the details of a support ticket | code:id,ticket,number | open ticket {code}; read ticket {code}; get the details of ticket {code} | ticket {code}; the details of ticket {code} | text
invoice | getInvoice; invoice; loadInvoice | Get an invoice by its number | code:number,id,invoice | get invoice {code}; load invoice {code} | invoice {code} | text
parcel | trackParcel; whereIs; shipment | Tell where a parcel is | code:code,tracking,number | track the parcel {code}; find the shipment {code} | the location of parcel {code}; the whereabouts of shipment {code} | text
commits | commits; gitLog; changes; recentChanges | List the latest changes of a repository | repo:repo,repository,project | list the commits of {repo}; get the latest changes of {repo} | the latest commits of {repo}; recent changes in {repo} | text
teststatus | testStatus; buildStatus; ciStatus | Tell whether the build of a project is green | repo:project,repo,name | check the build of {repo} | the build status of {repo}; the test results of {repo} | text
inbox | searchMail; findMail; readInbox | Find mails in the inbox | person:from,sender,person | find the mails from {person}; read the mail from {person}; search my inbox for {person} | the mails from {person}; {person}'s last email | text
agenda | agenda; getCalendar; appointments; schedule | List the appointments of a day | date:date,day,when | list my appointments for {date}; check my calendar for {date} | my appointments on {date}; my schedule for {date}; the agenda for {date} | text | 查看{date}的日程
translatehello | phrasebook; sayHello; usefulPhrases | Give useful phrases in a language | language:language,tongue | get some useful phrases in {language} | useful {language} phrases; a {language} phrasebook | text
remedy | remedy; homeRemedy; healthTip | Suggest a home remedy for a complaint | symptom:symptom,complaint,for | suggest a remedy for {symptom}; find a home remedy against {symptom} | a remedy for {symptom}; a home remedy against {symptom} | text
rules | rules; sportRules; howToPlay | Explain the rules of a sport | sport:sport,game,name | explain the rules of {sport} | the rules of {sport}; how to play {sport} | text
lesson | lessonPlan; teach; planLesson | Plan a lesson on a school subject | subject:subject,topic,course | plan a lesson on {subject} | a lesson plan for {subject}; a lesson on {subject} | text
exercise | exercises; homework; problems | Make exercises for a school subject | subject:subject,course number?:count,number,howMany | make exercises for {subject}; make {number} exercises for {subject} | exercises for {subject}; {number} exercises in {subject} | text
carinfo | carReview; testReport; carData | Get the test report of a car | car:model,car,name | get the test report of the {car} | the test report of the {car}; a review of the {car} | text
resume | getProfile; employee; staffRecord | Get the profile of an employee | person:name,employee,person | get the profile of {person}; look up {person} in the staff directory | the profile of {person}; {person}'s staff record | text
listfiles | list; listFiles; dir; ls; filesIn | List the files in a folder | folder:folder,path,directory | list the files in {folder}; show what is in {folder} | the list of files in {folder}; the files in {folder} | text
"""

ACTIONS = """
task | addTask; createTask; newTodo; addTodo; todo | Add a task to the to-do list; Create a to-do | task:title,task,text,what date?:due,date,deadline | add {task} to my to-do list; create a task to {task}; put {task} on my list; add a task to {task} by {date}; create a to-do: {task}, due {date} | | | 添加任务：{task}
remind | remind; setReminder; reminder; remindMe | Set a reminder; Remind of something at a time | task:what,text,message,about hour:time,at,when | remind me to {task} at {hour}; set a reminder to {task} at {hour}; at {hour} remind me to {task} | |
meeting | scheduleMeeting; createEvent; meet; bookMeeting; invite | Schedule a meeting with somebody; Put a meeting in the calendar | person:with,person,attendee,who date:date,day,on hour?:time,at,start | schedule a meeting with {person} on {date}; set up a meeting with {person} on {date} at {hour}; arrange to meet {person} {date}; book a meeting with {person} for {date} at {hour} | | | 安排{date}和{person}开会
bookroom | bookRoom; reserveRoom; roomBooking | Reserve a meeting room | room:room,name,which date:date,day,on | book {room} for {date}; reserve {room} on {date} | |
bookfilm | buyTickets; cinemaTickets; reserveSeats | Buy cinema tickets | film:film,movie,title count:seats,count,number,tickets | buy {count} tickets for {film}; reserve {count} seats for {film} | |
orderproduct | order; buy; purchase; placeOrder | Order a product in the shop; Buy something | product:product,item,what count?:quantity,count,amount | order {product}; buy {product}; purchase {product} | | | 订购{product}
cancelorder | cancelOrder; cancel; revokeOrder | Cancel an order | code:order,order_id,id | cancel order {code}; cancel the order {code} | |
refund | refund; giveBack; moneyBack | Refund an order | code:order,id,order_id | refund order {code}; give the money back for order {code} | |
deletefile | delete; deleteFile; remove; rm | Delete a file; Remove a file for good | file:path,file,filename | delete {file}; remove {file}; erase the file {file} | | | 删除{file}
copyfile | copyFile; duplicate; cp | Copy a file to another place | file:source,from,path file2:target,to,destination | copy {file} to {file2}; make a copy of {file} called {file2} | |
movefile | move; rename; moveFile; mv | Move or rename a file | file:source,from,old file2:target,to,new | rename {file} to {file2}; move {file} to {file2} | |
mkdir | makeFolder; createFolder; mkdir | Create a folder | folder:path,name,folder | create the folder {folder}; make a folder called {folder} | |
zip | zip; compress; archive | Compress a folder into an archive | folder:folder,path,source file:archive,target,output | zip {folder} into {file}; compress {folder} to {file} | |
callphone | call; dial; phone | Call a phone number | phone<:number,phone,to | call {phone}; dial {phone}; ring {phone} | |
transfer | transfer; pay; sendMoney; wire | Transfer money to a person; Pay an amount | person:to,recipient,payee number:amount,sum,value | transfer {number} to {person}; pay {person} {number}; send {number} to {person} by bank transfer | |
deploy | deploy; release; rollOut; ship | Deploy a project | repo:project,repo,service | deploy {repo}; roll out {repo} | |
runtests | runTests; test; check | Run the tests of a project | repo:project,repo,path | run the tests of {repo}; test {repo} | |
openissue | createIssue; openIssue; reportBug; newIssue | Open an issue in a repository | repo:repo,project,repository title:title,subject,summary text?<:body,text,description | open an issue in {repo} titled {title}; report a bug {title} in {repo}; open an issue {title} in {repo} with {text} | |
closeticket | closeTicket; resolve; closeIssue | Close a support ticket | code:id,ticket,number | close ticket {code}; resolve ticket {code} | |
assign | assign; assignTicket; giveTo | Assign a ticket to a person | code:ticket,id,number person:to,person,assignee | assign ticket {code} to {person}; give ticket {code} to {person} | |
addcontact | addContact; newContact; saveContact | Add a person to the address book | person:name,person,contact phone<:phone,number,telephone | add {person} to my contacts with the number {phone}; save the contact {person}, {phone} | |
hire | addEmployee; onboard; newHire | Register a new employee | person:name,person,employee date:start,date,from | register {person} as a new employee from {date}; onboard {person} on {date} | |
vacation | requestLeave; bookVacation; dayOff | Request a day off | date:date,day,when | request a day off on {date}; book {date} as vacation | |
alarm | setAlarm; wakeMe; alarm | Set an alarm | hour:time,at,when | set an alarm for {hour}; wake me at {hour} | | | 设一个{hour}的闹钟
timer | startTimer; timer; countdown | Start a timer | count:minutes,duration,length | start a timer for {count} minutes; set a {count} minute timer | | | 设置{count}分钟的计时器
appointment | bookDoctor; doctorAppointment; seeDoctor | Make an appointment with the doctor | symptom:reason,symptom,because date:date,day,when | make a doctor's appointment for {date} because of {symptom}; see the doctor about {symptom} on {date} | |
subscribe | subscribe; signUp; joinList | Subscribe an address to the newsletter | address<:address,email,to | subscribe {address} to the newsletter; sign {address} up for the newsletter | |
block | blockUser; ban; block | Block a user | person:user,person,name | block {person}; ban {person} | |
now | now; currentDateTime; getTime | Get the current date and time | | check the date and time | the current date and time; today's date and time | text | 现在几点
today | today; currentDate; getDate; todaysDate | Get today's date | | get today's date; find out what day it is | today's date; the current date | text | 今天是几号
quote | quoteOfTheDay; dailyQuote; inspire | Get the quote of the day | | get the quote of the day | the quote of the day; today's quote | text
uuid | newId; uuid; makeId | Make a unique id | | make a unique id | a unique id; a new id | text
password | makePassword; password; generatePassword | Generate a safe password | count?:length,size,characters | generate a password; make a password of {count} characters; create a password with {count} characters | a safe password; a new password; a password of {count} characters | text
diceroll | roll; dice; rollDice | Roll a die with some sides | count:sides,faces,n | roll a die with {count} sides; roll a {count}-sided die | | number
"""

NUMBERS = """
add | add; plus; addNumbers | Add two numbers; Find the sum of two numbers | number<:a,input,x,first,value number2<:b,amount,y,second,other | add {number} and {number2}; add {number2} to {number}; compute {number} plus {number2}; sum {number} and {number2} | {number} plus {number2}; the sum of {number} and {number2} | number | 计算{number}加{number2}; {number}加上{number2}
subtract | subtract; minus; difference | Subtract a number from another; Take one number away from another | number<:a,input,x,from,value number2<:b,amount,y,take | subtract {number2} from {number}; take {number2} away from {number}; compute {number} minus {number2} | {number} minus {number2}; the difference of {number} and {number2} | number | 计算{number}减{number2}
multiply | multiply; times; product; mul | Multiply two numbers; Find the product of two numbers | number<:a,input,x,first,value number2<:b,factor,y,by,second | multiply {number} by {number2}; multiply {number} with {number2}; compute {number} times {number2} | {number} times {number2}; the product of {number} and {number2} | number | 计算{number}乘以{number2}
divide | divide; quotient; div | Divide a number by another; Find how often a number goes into another | number<:a,input,x,dividend,value number2<:b,divisor,y,by | divide {number} by {number2}; compute {number} divided by {number2} | {number} divided by {number2}; the quotient of {number} and {number2} | number | 计算{number}除以{number2}
power | power; pow; raise; exponent | Raise a number to a power | number<:base,a,x,input count:exponent,b,n,power | raise {number} to the power of {count}; compute {number} to the power {count} | {number} to the power of {count} | number
root | squareRoot; sqrt; root | Find the square root of a number | number<:input,x,number,value | find the square root of {number}; take the square root of {number} | the square root of {number}; the root of {number} | number | 求{number}的平方根
square | square; squared; sqr | Multiply a number by itself | number<:input,x,number,value | square {number}; find the square of {number} | {number} squared; the square of {number} | number
round | round; roundOff; toWhole | Round a number | number<:input,x,number,value count?:digits,places,decimals | round {number}; round {number} to {count} digits; round {number} off | {number} rounded; {number} rounded to {count} digits | number
percent | percentage; percentOf; percent | Find a percentage of a number | number:percent,rate,p number2<:of,amount,value,total | find {number} percent of {number2}; compute {number}% of {number2} | {number} percent of {number2}; {number}% of {number2} | number
half | half; halve | Divide a number by two | number<:input,x,value | halve {number}; find half of {number} | half of {number} | number
double | double; twice; doubleIt | Multiply a number by two | number<:input,x,value | double {number} | twice {number}; double of {number} | number
max | max; larger; maximum; biggest | Find the larger of two numbers | number<:a,first,x number2<:b,second,y | find the larger of {number} and {number2} | the larger of {number} and {number2}; the maximum of {number} and {number2} | number
prime | isPrime; primeCheck | Tell whether a number is prime | number<:n,number,input,value | check whether {number} is prime; find out if {number} is a prime number | whether {number} is prime | text
roman | toRoman; romanNumeral | Write a number in Roman numerals | number<:number,n,input,value | write {number} in Roman numerals; convert {number} to Roman numerals | {number} in Roman numerals; the Roman numeral for {number} | text
binary | toBinary; binary; bits | Write a number in the binary system | number<:number,n,input,value | convert {number} to binary; write {number} in binary | {number} in binary; the binary form of {number} | text
inwords | spellNumber; numberToWords; inWords | Write a number in words | number<:number,n,input,value | spell out {number}; write {number} in words | {number} in words; {number} spelled out | text
factorial | factorial; fact | Find the factorial of a number | number<:n,input,number | find the factorial of {number} | the factorial of {number}; {number} factorial | number
exchange | exchange; convertCurrency; toCurrency | Convert an amount of money to another currency | number<:amount,value,sum,input currency:currency,to,target | convert {number} to {currency}; exchange {number} into {currency}; change {number} to {currency} | {number} in {currency}; {number} converted to {currency} | number
fahrenheit | toFahrenheit; celsiusToFahrenheit | Convert degrees Celsius to Fahrenheit | number<:celsius,degrees,input,value | convert {number} degrees to Fahrenheit | {number} degrees in Fahrenheit | number
miles | toMiles; kmToMiles | Convert kilometres to miles | number<:km,distance,input,value | convert {number} km to miles; convert {number} kilometres to miles | {number} km in miles; {number} kilometres in miles | number
tax | addTax; withTax; vat | Add sales tax to an amount | number<:amount,price,input,net | add tax to {number} | {number} with tax; the gross amount of {number} | number
tip | tip; gratuity | Work out the tip for a bill | number<:bill,amount,total,input | work out the tip for {number} | the tip on {number}; the tip for a bill of {number} | number
interest | interest; yearlyInterest | Compute the interest on a sum | number<:sum,capital,amount number2:rate,percent | compute the interest on {number} at {number2} percent | the interest on {number} at {number2} percent | number
"""

GENRES = words("""
    joke, poem, short poem, limerick, haiku, story, short story, song, fairy tale, riddle, essay, speech, article, report,
    letter, love letter, slogan, tagline, advertisement, press release, blog post, tweet, toast, prayer, dialogue, scene,
    sonnet, ballad, rap, fable, legend, myth, bedtime story, ghost story, excuse, compliment, apology, invitation, thank-you
    note, greeting, eulogy, motto, proverb, pun, tongue twister, crossword clue, product description, job advert, checklist,
    tutorial, guide, FAQ, outline, presentation, pitch, proposal, memo, complaint, review, interview, monologue, horoscope,
    caption, lullaby, anecdote, parody, manifesto, diary entry, obituary, chant""")

WRITE = words("write, make, compose, create, tell, generate, draft, invent, produce")

LOOKUPS = """
person address | email address; e-mail; mail address | emailAddress; getEmailAddress; lookupEmail; findAddress; mailOf; contactEmail | address
person phone | phone number; telephone number; mobile number | phoneNumber; getPhone; lookupPhone; findNumber; phoneOf | phone
person text | nickname | getNickName; nickname; callName | text
person date | birthday; date of birth | birthday; birthdayOf; getBirthday | date
person text | job title; position | jobTitle; positionOf; roleOf | text
person text | postal address; home address | postalAddress; homeAddress; whereLives | text
person city | home town; place of residence | homeTown; cityOf; livesIn | city
person person | manager; supervisor | managerOf; getManager; supervisor | person
person text | department | departmentOf; getDepartment | text
person number | salary | salaryOf; getSalary | number
person text | favourite food | favouriteFood; likesToEat | text
person language | mother tongue; native language | motherTongue; nativeLanguage | language
person text | biography | biography; bio; lifeOf | text
city country | country | countryOf; whichCountry | country
city number | population; number of inhabitants | population; inhabitants; cityPopulation | number
city text | mayor | mayorOf; getMayor | person
city text | history | historyOf; cityHistory | text
city text | sights; tourist attractions | sights; attractions; whatToSee | text
city text | air quality | airQuality; pollution | text
country city | capital; capital city | capital; getCapital; capitalOf | city
country number | population; number of people | countryPopulation; populationOf; people | number
country text | currency | currencyOf; money; getCurrency | currency
country language | official language | officialLanguage; languageOf; spokenIn | language
country text | national anthem | anthem; nationalAnthem | text
country person | president; head of state | president; headOfState; leader | person
country text | flag | flag; flagOf; describeFlag | text
country number | area; size | area; sizeOf; surface | number
company number | stock price; share price | stockPrice; getQuote; sharePrice; stock | number
company person | CEO; chief executive | ceo; getCeo; bossOf; chief | person
company city | headquarters; head office | headquarters; hqOf; headOffice | city
company number | revenue; turnover | revenue; turnover; yearlySales | number
company url | website; home page | website; homepage; siteOf | text
company number | number of employees; head count | employees; headcount; staffSize | number
company address | support address; support email | supportEmail; supportAddress; helpdeskOf | address
company text | annual report | annualReport; getReport | text
company country | country of origin | originOf; homeCountry | country
product number | price; cost | price; getPrice; priceOf; cost | number
product text | description | describeProduct; productInfo; details | text
product number | stock level; number in stock | inStock; stockLevel; available | number
product text | customer reviews | reviews; opinions; customerReviews | text
product company | manufacturer; maker | manufacturer; maker; madeBy | company
film person | director | director; directedBy; whoDirected | person
film number | rating | rating; filmRating; stars | number
film text | cast | cast; actors; whoPlays | text
film date | release date | releaseDate; cameOut | date
team person | coach; trainer | coach; trainerOf; headCoach | person
team text | next match; next game | nextMatch; fixture; nextGame | text
team city | home city | teamCity; playsIn | city
animal number | life span; life expectancy | lifespan; livesHowLong; maxAge | number
animal text | diet | diet; eats; foodOf | text
animal text | habitat | habitat; whereLives; livesWhere | text
animal text | Latin name; scientific name | latinName; scientificName; species | text
planet number | number of moons | moons; countMoons | number
planet number | distance from the sun | distance; sunDistance | number
element number | melting point | meltingPoint; meltsAt | number
element text | chemical symbol | symbol; symbolOf | text
car number | top speed | topSpeed; maxSpeed | number
car number | fuel consumption | consumption; mileage | number
car number | used value; second-hand price | usedValue; worth | number
file number | size | fileSize; sizeOf | number
file date | last change; modification date | modified; lastChange | date
url text | title | pageTitle; titleOf | text
url text | links | links; getLinks; linksOn | text
repo person | maintainer; owner | maintainer; ownerOf; responsible | person
repo number | number of open issues | openIssues; bugCount | number
repo text | license | licenseOf; getLicense | text
code person | owner of ticket; assignee of ticket | ticketOwner; assignee | person
code address | contact address of customer; email of customer | customerEmail; customerAddress | address
code number | total of invoice; amount of invoice | invoiceTotal; amountDue; totalOf | number
room number | capacity; number of seats | capacity; seats; roomSize | number
sport text | world champion | champion; worldChampion | person
subject person | teacher | teacherOf; whoTeaches; teacher | person
language country | country of origin | whereSpoken; homeOf | country
channel text | latest messages; last messages | readChannel; lastMessages; history | text
"""


@functools.cache
def all_concepts() -> tuple[Concept, ...]:
    """Return every concept of training, each under a key of its own."""
    found = [c for table in (TRANSFORMS, SINKS, SOURCES, ACTIONS, NUMBERS, WITH_THEM) for c in read_table(table)]
    return (*found, *_genres(), *_lookups(), *_finders())


def _genres() -> Iterator[Concept]:
    """Make a writer of each genre: a poem about something, a slogan for something."""
    names = ("topic", "subject", "about", "theme", "input", "on")
    for genre in GENRES:
        camel = "".join(each.capitalize() for each in genre.replace("-", " ").split())
        article = "an" if (genre[0] in "aeiouAEIOUF" and genre != "FAQ") or genre == "FAQ" else "a"
        a = f"{article} {genre}"
        slots = (Slot("topic", "topic", names),)
        does = [f"{verb} {a} {about} {{topic}}" for verb in WRITE for about in ("about", "on")]
        nouns = (f"{a} about {{topic}}", f"{a} on {{topic}}", f"{a} about {{topic}}")
        called = (camel[0].lower() + camel[1:], camel, *(f"{verb}{camel}" for verb in WRITE[:5]))
        said = (f"Write {a} about a subject", f"Compose {a} on a topic", f"Make up {a} about something", f"Produce {a}")
        yield Concept(f"genre {genre}", called, said, slots, tuple(does), nouns, "text")


def _lookups() -> Iterator[Concept]:
    """Make a look-up of each attribute of a kind of thing: the capital of a country."""
    for row in (LOOKUPS.strip() + OF_THEM.rstrip()).splitlines():
        what, attributes, names, makes = (each.strip() for each in row.split("|"))
        kind = what.split()[0]
        ways = [each.strip() for each in attributes.split(";")]
        thing = {"code": "record", "url": "web page", "repo": "repository", "sensordata": "data set"}.get(kind, kind)
        slot = Slot(kind, kind, (kind, "name", "input", "of", thing.replace(" ", "_")), takes=kind in TAKEN)
        said = [f"{verb} the {way} of a {thing}" for way in ways for verb in ("Look up", "Get", "Find", "Tell")]
        owned = ("", "'s") if kind in ("person", "company", "team", "doctor", "restaurant", "supplier") else ("",)
        nouns = [f"the {way} of {{{kind}}}" for way in ways]
        nouns += [f"{{{kind}}}'s {way}" for way in ways if len(owned) > 1]
        does = [f"{verb} {noun}" for noun in nouns for verb in ("look up", "find", "get", "find out", "tell me")]
        called = tuple(each.strip() for each in names.split(";"))
        yield Concept(f"{kind} {ways[0]}", called, tuple(said), (slot,), tuple(does), tuple(nouns), makes)


def _finders() -> Iterator[Concept]:
    """Make what finds a thing by what it is like: a restaurant by its food."""
    for row in FOUND.strip().splitlines():
        kind, slots, nouns, names, said = (each.strip() for each in row.split("|"))
        spoken = tuple(each.strip() for each in nouns.split(";"))
        does = "; ".join(f"{verb} {noun}" for verb in FIND for noun in spoken)
        yield from read_table(f"find-{kind} | {names} | {said} | {slots} | {does} | {nouns} | {kind}")


TAKEN = frozenset({"person", "city", "country", "company", "language"}) | {
    row.split("|")[0].strip() for row in FOUND.strip().splitlines()
}
"""Kinds of things that look-ups take from other functions, too."""

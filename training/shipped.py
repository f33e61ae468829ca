"""The shipped packs as concepts: their functions as they are, and ways to ask for them."""
# ruff: noqa: E501

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

from forethought.kernel.functions import FunctionSignature
from forethought.kernel.kernel import Kernel

from .concepts import Concept, read_table

__all__ = ["shipped_concepts", "signatures", "silent_concepts"]

PACKS = Path(__file__).parents[1] / "plugins"

TABLE = """
Emailer.getEmailAddress | | | person:input | look up the email address of {person}; find {person}'s email address; get the email address of {person} | the email address of {person}; {person}'s email address | address
Emailer.sendEmail | | | address<:emailaddress text<:message title?:subject | email {text} to {address}; email {address} {text}; send {address} {text}; send {text} to {address}; mail {text} to {address}; send {address} an email with {text}; email {text} to {address} with the subject {title}; send {address} {text} under the subject {title} | | | 把{text}发给{address}
EmailPlugin.GetEmailAddress | | | person:input | look up the email address of {person}; find {person}'s email address; get the mail address of {person} | the email address of {person}; {person}'s email address | address
EmailPlugin.SendEmail | | | text<:input address<:email_address title?:subject | email {text} to {address}; email {address} {text}; send {address} {text}; send {text} to {address}; mail {text} to {address}; email {text} to {address} with the subject {title} | | | 把{text}发给{address}
FileSkill.read | | | file:path | read {file}; open {file}; read the file {file}; load {file} | the file {file}; the content of {file}; {file}; the text in {file} | text | 读取{file}
FileSkill.write | | | file:path text<:input | save {text} to {file}; save {text} in {file}; write {text} to {file}; write {text} into {file}; store {text} in {file}; put {text} in {file}; save {text} as {file} | | | 把{text}保存到{file}
FileSkill.append | | | file:path text<:input | append {text} to {file}; add {text} to the end of {file}; add {text} to {file} | |
FileSkill.list | | | folder?:path | list the files in {folder}; list the files; show what files are in {folder} | the files in {folder}; the list of files in {folder}; a list of the files | text
FunSkill.Excuses | | | topic:input | make up an excuse for {topic}; invent an excuse for {topic}; find an excuse for {topic} | an excuse for {topic}; a creative excuse for {topic} | text
FunSkill.Joke | | | topic:input | tell a joke about {topic}; tell me a joke about {topic}; write a joke about {topic}; make a joke about {topic}; crack a joke on {topic} | a joke about {topic}; a short joke about {topic}; a joke on {topic} | text | 讲一个关于{topic}的笑话; 写一个关于{topic}的笑话
FunSkill.Limerick | | | topic:input | write a limerick about {topic}; compose a limerick on {topic}; make up a limerick about {topic} | a limerick about {topic}; a limerick on {topic} | text
HttpSkill.get | | | url:url | fetch {url}; download {url}; get the page {url}; load {url}; open {url} | the page {url}; the content of {url}; {url}; the web page {url} | text | 下载{url}
HttpSkill.post | | | url:url text?<:input | post {text} to {url}; send {text} to {url}; upload {text} to {url} | |
HttpSkill.put | | | url:url text?<:input | put {text} at {url}; store {text} at {url}; replace what is at {url} with {text} | |
HttpSkill.delete | | | url:url | delete {url}; remove what is at {url}; delete what is at {url} | |
MathSkill.add | | | number<:input number2<:amount | add {number} and {number2}; add {number2} to {number}; compute {number} plus {number2} | {number} plus {number2}; the sum of {number} and {number2} | number | 计算{number}加{number2}
MathSkill.subtract | | | number<:input number2<:amount | subtract {number2} from {number}; take {number2} from {number}; compute {number} minus {number2} | {number} minus {number2}; the difference of {number} and {number2} | number | 计算{number}减{number2}
MathSkill.multiply | | | number<:input number2<:factor | multiply {number} by {number2}; multiply {number} with {number2}; compute {number} times {number2} | {number} times {number2}; the product of {number} and {number2} | number | 计算{number}乘以{number2}
MathSkill.divide | | | number<:input number2<:divisor | divide {number} by {number2}; compute {number} divided by {number2} | {number} divided by {number2}; the quotient of {number} and {number2} | number | 计算{number}除以{number2}
MathSkill.round | | | number<:input count?:digits | round {number}; round {number} to {count} digits; round {number} to {count} decimals | {number} rounded; {number} rounded to {count} digits | number
MemorySkill.Remember | | | text<:input | remember {text}; keep {text} in memory; remember that {text}; memorize {text} | | | 记住{text}
MemorySkill.Recall | | | topic:query | recall what you know about {topic}; recall {topic}; search your memory for {topic} | what you remember about {topic}; what is in memory about {topic} | text
MemorySkill.Answer | | | topic:question | answer from memory what we know about {topic}; answer the question {topic} from memory | the answer from memory on {topic} | text
Names.getNickName | | | person:input | get the nickname of {person}; find out {person}'s nickname; look up the nickname of {person} | the nickname of {person}; {person}'s nickname | text
StringFunctions.stringReplace | | | text<:input word:from word2:to | replace {word} with {word2} in {text}; in {text} replace {word} by {word2}; change {word} to {word2} in {text} | {text} with {word} replaced by {word2} | text
StringFunctions.upper | | | text<:input | write {text} in upper case; put {text} in capitals; convert {text} to upper case; make {text} upper case | {text} in upper case; {text} in capital letters | text | 把{text}变成大写
StringFunctions.lower | | | text<:input | write {text} in lower case; convert {text} to lower case; make {text} lower case | {text} in lower case; {text} in small letters | text
StringFunctions.substring | | | text<:input count:start number?:length | cut {text} from character {count}; take the part of {text} from character {count}; take {number} characters of {text} from position {count} | the part of {text} from position {count} | text
SummarizeSkill.Notegen | | | text<:input | make notes from {text}; turn {text} into notes; take notes on {text}; write study notes on {text} | notes on {text}; study notes from {text}; short notes on {text} | text
SummarizeSkill.Summarize | | | text<:input | summarize {text}; sum up {text}; give a short summary of {text}; summarise {text} | a summary of {text}; the summary of {text}; {text} in a few sentences | text | 总结{text}
SummarizeSkill.Topics | | | text<:input | list the topics of {text}; find the topics of {text}; name the topics in {text} | the topics of {text}; a list of the topics of {text} | text
TextSkill.trim | | | text<:input | trim {text}; remove the blanks around {text}; strip the spaces from {text} | {text} without blanks around it | text
TextSkill.uppercase | | | text<:input | write {text} in upper case; put {text} in upper case; convert {text} to upper case; uppercase {text}; make {text} all caps | {text} in upper case; {text} in capitals; {text} in all caps | text | 把{text}变成大写
TextSkill.lowercase | | | text<:input | write {text} in lower case; convert {text} to lower case; put {text} in lower case | {text} in lower case; {text} in small letters | text
TextSkill.concat | | | text<:input text2<:input2 | join {text} and {text2}; put {text} and {text2} together; combine {text} with {text2}; concatenate {text} and {text2} | {text} together with {text2}; {text} followed by {text2} | text
TextSkill.length | | | text<:input | count the characters of {text}; count the letters in {text}; find out how long {text} is | the length of {text}; the number of characters in {text} | number
TextSkill.countWords | | | text<:input | count the words of {text}; count the words in {text}; tell me how many words {text} has | the number of words in {text}; the word count of {text} | number
TextSkill.contains | | | text<:input word:part | check whether {text} contains {word}; find out if {word} is in {text} | whether {text} contains {word} | text
TextSkill.lines | | | text<:input | divide {text} into lines; split {text} into its lines | the lines of {text} | text
TextSkill.split | | | text<:input | split {text} at the commas; divide {text} into parts | the parts of {text} | text
TimeSkill.now | | | | tell me the time; get the current time; find out what time it is | the current date and time; the current time; the time | text | 现在几点
TimeSkill.today | | | | get today's date; find out what day it is; tell me today's date | today's date; the date of today | date | 今天是几号
TimeSkill.dayOfWeek | | | date<:input | find the day of the week of {date}; find out what day of the week {date} is; tell me the weekday of {date} | the day of the week of {date}; the weekday of {date} | text
TimeSkill.addDays | | | date<:input count:days | add {count} days to {date}; find the date {count} days after {date} | the date {count} days after {date}; {date} plus {count} days | date
TimeSkill.daysBetween | | | date<:start date2<:end | count the days from {date} to {date2}; find out how many days there are between {date} and {date2} | the number of days between {date} and {date2}; the days from {date} to {date2} | number
WriterSkill.Brainstorm | | | topic:input | brainstorm {topic}; collect ideas for {topic}; brainstorm ideas about {topic} | ideas for {topic}; ideas about {topic} | text
WriterSkill.EmailTo | | | text<:input person?:to | write an email from {text}; turn {text} into an email; draft an email to {person} from {text}; turn {text} into an email to {person} | an email made from {text}; an email to {person} from {text} | text
WriterSkill.Rewrite | | | text<:input style:style | rewrite {text} in the style of {style}; rewrite {text} like {style}; rewrite {text} as {style} would | {text} in the style of {style}; {text} rewritten like {style} | text
WriterSkill.ShortPoem | | | topic:input | write a short poem about {topic}; write a poem about {topic}; compose a poem on {topic}; make a poem about {topic} | a short poem about {topic}; a poem about {topic}; a poem on {topic} | text | 写一首关于{topic}的诗; 写一首{topic}的诗
WriterSkill.Translate | | | text<:input language:language | translate {text} into {language}; translate {text} to {language}; put {text} into {language}; say {text} in {language} | {text} in {language}; the {language} translation of {text}; {text} translated into {language}; a {language} version of {text} | text | 把{text}翻译成{language}
"""


@functools.cache
def shipped_concepts() -> tuple[Concept, ...]:
    """Return the functions of the shipped packs that goals in words are made for."""
    return tuple(read_table(TABLE))


@functools.cache
def silent_concepts() -> tuple[Concept, ...]:
    """Return the other functions of the shipped packs: they only stand beside those."""
    known = {each.key for each in shipped_concepts()}
    return tuple(Concept(name, (), (), (), (), (), "") for name in signatures() if name not in known)


@functools.cache
def signatures() -> Mapping[str, FunctionSignature]:
    """Return the signatures of the shipped packs by full name."""
    return {each.full_name: each for each in Kernel.from_packs(PACKS).skills}

"""Words that goals are filled with: literals by the kind of thing they name. Nothing here is a function."""
# ruff: noqa: E501

from __future__ import annotations

__all__ = ["CHINESE", "WORDS", "words"]


def words(text: str) -> tuple[str, ...]:
    """Return the words of a table: divided by commas, without blanks around them."""
    return tuple(each.strip() for each in text.replace("\n", " ").split(",") if each.strip())


WORDS = {
    "topic": words("""
        cats, dogs, the moon, autumn leaves, robots, winter, old bridges, pirates, the deep sea, coffee, honesty, rain,
        a lost key, dragons, space travel, my grandmother, chess, volcanoes, bees, Monday mornings, penguins, friendship,
        an empty room, trains, the first snow, bicycles, ghosts, elephants, jazz, climate change, solar energy, football,
        black holes, a broken umbrella, city life, medieval castles, spiders, the alphabet, teachers, sleep, a brave mouse,
        programmers, artificial intelligence, rivers, wolves, time, silence, mountains, a red balloon, tigers, my new job,
        remote work, lighthouses, socks, the desert, fireflies, mathematics, parrots, courage, an old clock, butterflies,
        quantum computers, the French Revolution, whales, a talking fish, cheese, traffic jams, superheroes, owls"""),
    "person": words("""
        Maria, Steven, Bob, Alice, Anna, Peter, Ms. Novak, Dr. Chen, Omar, Lucy, Tom, Fatima, Jonas, Priya, Kenji, Grandma,
        Sofia, Liam, Emma Stone, John Smith, Carlos, Ingrid, Yuki, the boss, my brother, Mr. Brown, Nadia, Viktor, Chloe,
        Hassan, Elena Rossi, David, Aunt Rose, Marek, Olivia, Ravi, Mei, Paul, Karen White, Leo"""),
    "city": words("""
        Paris, Berlin, Madrid, Tokyo, New York, Cairo, Prague, Lima, Oslo, Sydney, Nairobi, Toronto, Rome, Seoul, Dublin,
        Vienna, Chicago, Mumbai, Lisbon, Athens, Helsinki, Boston, San Francisco, Warsaw, Budapest, Kyoto"""),
    "country": words("""
        France, Germany, Brazil, Japan, Canada, Egypt, Norway, Kenya, India, Spain, Peru, Poland, Australia, Vietnam, Chile,
        Mexico, Iceland, Morocco, South Korea, Italy, New Zealand, Turkey, Ghana, Sweden"""),
    "company": words("""
        Apple, Siemens, Toyota, Nestle, IBM, Contoso, Acme, Northwind, Volvo, Samsung, Lufthansa, Shell, Globex, Initech,
        Fabrikam, Philips, Nokia, Bosch, Umbrella Corp, Tesla"""),
    "product": words("""
        a laptop, running shoes, the blue lamp, a tent, headphones, an office chair, a camera, printer paper, a toaster, an
        umbrella, the red backpack, a phone case, a desk, a keyboard, a bicycle helmet, a watch, a vacuum cleaner"""),
    "file": words("""
        notes.txt, report.md, data.csv, todo.txt, letter.txt, story.txt, summary.txt, out.txt, draft.md, poem.txt, log.txt,
        minutes.txt, /tmp/result.txt, budget.csv, docs/readme.md, cv.txt, ideas.txt, speech.md, news.txt, joke.txt, a.txt,
        contract.pdf, invoice.txt, meeting.md, archive/2024.txt, reports/q3.md, backup.txt, plan.md, input.txt, essay.docx"""),
    "folder": words("Documents, the archive folder, reports, /tmp, Downloads, photos, work/drafts, old files"),
    "url": words("""
        https://example.com, https://example.org/news, http://test.net/page.html, https://docs.example.com/api,
        https://shop.example.net/items, www.example.com, https://blog.example.org, http://localhost:8080/status"""),
    "language": words("""
        French, German, Spanish, Italian, Japanese, Dutch, Polish, Portuguese, Chinese, Arabic, Swedish, Latin, Russian,
        Korean, Turkish, Greek, Hindi, Czech, English, Finnish"""),
    "address": words("""
        bob@example.com, maria@example.org, team@contoso.com, info@acme.net, anna.k@example.com, sales@northwind.com,
        peter@example.net, office@fabrikam.com, john.smith@example.org, support@globex.com, lucy@school.edu"""),
    "phone": words("555-0123, +49 30 1234567, 555 0199, +1 202 555 0147, 0171 5550, +44 20 7946 0018"),
    "text": words("""
        hello world, good morning, the meeting is at noon, see you later, to be or not to be, thank you, happy birthday,
        the quick brown fox, where is the station, I am late, all is well, a stitch in time, please call me back, never again,
        we won the match, the train leaves at nine, good luck, it works on my machine, keep calm, lunch is ready,
        roses are red, the door is open, back in five minutes, welcome home, once upon a time, time flies, do not touch"""),
    "number": words("""
        2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 17, 20, 25, 30, 36, 42, 49, 50, 64, 75, 81, 99, 100, 120, 144, 150, 250, 365,
        500, 1000, 1024, 3.5, 2.75, 19.99, 0.5, 1.2, 88, 63, 7.25"""),
    "count": words("2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20"),
    "date": words("""
        2026-05-01, 2025-12-24, 2027-01-15, tomorrow, Monday, next Friday, 3 March, 12 July, Tuesday, June 5th, 2026-08-30,
        today, next week, Sunday, October 10"""),
    "hour": words("9:00, 10 am, 3 pm, noon, 14:30, 8 o'clock, 17:15, 6 pm, midnight, half past two"),
    "title": words("""
        weekly report, budget review, project kickoff, hello from Berlin, summer party, quarterly numbers, our trip, good news,
        open questions, release notes, team lunch, the new office, lessons learned, planning, a small favour"""),
    "task": words("""
        buy milk, call the dentist, fix the printer, write the report, renew my passport, water the office cactus, pay the rent,
        clean the garage, order toner, review the contract, book the venue, update the website, feed the cat, return the keys"""),
    "style": words("""
        Shakespeare, a pirate, a news reporter, a five year old, a lawyer, Hemingway, a cowboy, a butler, a rap artist,
        formal English, simple words"""),
    "channel": words("general, random, team-news, marketing, dev, announcements, support, board, sales, design"),
    "word": words("""
        banana, serendipity, cat, freedom, rain, school, level, entropy, ubiquitous, river, window, candle, zeal, castle,
        melancholy, orange, kindness, apple"""),
    "team": words("Arsenal, Real Madrid, the Lakers, Bayern Munich, Ajax, the Yankees, Juventus, the Red Sox, Celtic"),
    "film": words("Casablanca, The Matrix, Amelie, Jaws, Metropolis, Inception, Vertigo, Spirited Away, Alien"),
    "animal": words("lion, koala, blue whale, hedgehog, octopus, eagle, giraffe, bat, horse, frog, sloth, camel"),
    "planet": words("Mars, Jupiter, Venus, Saturn, Neptune, Mercury, Uranus"),
    "element": words("gold, oxygen, carbon, iron, helium, silver, copper, neon, uranium, zinc"),
    "car": words("Fiat 500, VW Golf, Tesla Model 3, Ford Focus, Toyota Corolla, Volvo V60, Renault Clio"),
    "code": words("A-1042, 7781, INV-33, TK-209, 55012, ORD-8, BX-77, 90210, Q-15, REF-4471, 1203, P-66"),
    "currency": words("euros, dollars, yen, pounds, Swiss francs, rupees"),
    "sport": words("tennis, basketball, cricket, hockey, golf, rugby, swimming"),
    "symptom": words("a headache, a sore throat, back pain, fever, a cough, dizziness"),
    "subject": words("algebra, biology, grammar, world history, physics, geography, economics, chemistry"),
    "repo": words("website, billing-service, mobile-app, core-lib, data-tools, docs-site"),
    "room": words("room 12, the blue room, the main hall, room B, the boardroom, studio 3"),
}

CHINESE = {
    "topic": words("猫, 月亮, 秋天, 机器人, 大海, 咖啡, 友谊, 雪, 火车, 春天, 老师, 太空, 狗, 山, 时间"),
    "person": words("小明, 李华, 王芳, 张伟, 玛丽, 老板, 陈老师"),
    "city": words("北京, 上海, 巴黎, 东京, 广州, 伦敦"),
    "country": words("中国, 法国, 德国, 日本, 巴西"),
    "language": words("英文, 法文, 日文, 德文, 西班牙文"),
    "text": words("你好, 早上好, 谢谢你, 会议在中午, 生日快乐, 再见"),
    "company": words("华为, 苹果, 西门子, 丰田"),
    "task": words("买牛奶, 交房租, 写报告, 打扫房间"),
}

// Written by scripts/make_emotion_lexicons.py from VADER's lexicon (MIT, see NOTICES.md).
// stem:valence, one character: (character − 'P') / 10, from −4 to 4.
constexpr std::string_view kEnglishValence = R"words(
aa:i aayf:k abandon:> abduct:8 abhor:8 abhorr:1 abil:\ absente:F absolv:^ abus:5 accept:^ accid:? accident:B
accomplish:b accus:E ach:@ achiev:] acquit:Z acrimoni:? activ:[ adequ:Y admir:d admiralti:^ admit:Z admonish:= adopt:W
ador:f adorn:Y advanc:Z advantag:_ adventur:^ adventuresom:_ adventuress:[ adventurist:^ advers:D adversari:E
affection:d affectionless:< afflict:A afu:3 aggrav:= aggress:E aggressor:H aghast:= agit:A agog:c agon:8 agoni:>
agonis:; agre:\ agreeabl:a agreement:` ala:E alarm:B alarmist:E alert:\ alien:E aliv:` allerg:D allow:Y alol:l alon:F
alright:Z amaz:h amazon:W amazonston:Z ambiti:e ambival:U ambw:m aml:r amoretto:V amorino:\ amorist:] amoroso:g
amortis:U amortiz:U amus:_ amusing:b anger:9 angri:< angrier:9 angriest:1 angrili:> anguish:8 animos:= annoy:?
antagon:@ antagonist:= anti:C anxieti:J anxious:F aok:d apathet:D apathi:G apeshit:G apocalypt:. apolog:^ apologis:\
appal:< appeas:Z applaud:b applaus:b appreci:d appreciatori:a approv:c ardent:e argu:@ arguabl:F arguer:A argument:@
arrest:> arrog:; asham:= ass:7 assassin:4 assault:6 asset:[ assfuck:7 asshol:4 assur:^ assured:^ assurg:] assuror:V
astonish:` astound:c atab:= attach:\ attack:: attract:a attractor:\ audaci:Y avers:C avert:I avid:\ avoid:C aw:<
award:b awarde:_ awesom:o awkward:G awol:C axe:C ayor:D bad:9 badass:^ bamboozl:A ban:9 banish:= bankrupt:6 bankster:;
bargain:X barrier:K bash:H bastard:8 bastardi:: bastardis:9 battl:B battlefield:D battlefront:F battleground:D
battler:H battleship:K battlewagon:K beat:< beaten:> beatif:b beaut:` beauteous:j beauti:k beautician:\ beautif:f
beautifi:d beautiful:e beautifulest:j belittl:< belov:g benef:\ benefic:d benefici:b beneficiari:d benefit:b benevol:b
benign:\ bereav:> best:p betray:4 better:c bfd:5 bfe:6 bff:m bffn:Z bias:E bitch:8 bitcheri:7 bitchi:8 bitchier:<
bitchiest:2 bitchili:6 bitter:? bitterbrush:J bitterest:9 bitterish:@ bittersweet:J bitterwe:K bizarr:C bl:g blamabl:>
blame:> blameless:W blamer:< blameworthi:< bless:g blessed:b blessedest:l blesser:f blind:? bliss:l blith:\ block:B
blockbust:m bloodi:= bold:^ bolder:\ boldest:` bomb:: bonus:j boost:_ bore:D boredom:D borer:D boresom:C bother:C
bothersom:C boycot:? boycott:B brainwash:A brave:e braver:h braveri:e bravest:g breathtak:d bribe:H bright:`
brighten:a brighter:` brightest:n brightwork:[ brillianc:k brilliant:j brilliantin:^ brisk:V broke:> broken:; brutal:4
brutalis:3 bsod:: btd:; bulli:5 bullshit:4 bummer:@ buoyant:Y burden:@ burdensom:> bwahahah:i calm:_ calmat:X calmer:_
calmest:` cancel:G cancer:. capabl:` captiv:` care:` carefre:a careless:B casual:X casualti:8 catastroph:4 celebr:k
censor:C certain:\ certainti:Z chagrin:@ champ:^ champagn:X champaign:U champer:U champi:Z champion:e championship:d
chanc:Y chao:5 chaotic:: charg:F charit:` chariti:d charm:e charmer:d charming:_ charmingest:h charmless:> chastis:<
cheat:: cheater:: cheer:g cheerer:b cheerful:c cheerfullest:p cheeri:j cheerier:j cheeriest:f cheerili:i cheerio:\
cheerl:_ cheerlead:\ cheerless:B cherish:d chic:[ childish:D choke:: chuckl:] chucklehead:B chuckler:Z chucklesom:[
clarifi:Y clariti:a classi:c clean:a cleaner:W clear:` clever:d cleverest:j cleverish:Z clueless:A cock:J cocki:K
cocksuck:4 coerc:A collaps:B collid:H collis:C collud:D combat:E comed:c comedi:` comedian:^ comedienn:[ comedon:H
comedown:H comfort:a comfortless:> commend:c commit:[ compass:d compassion:` compassionless:6 compel:Y compet:]
competit:W complain:B complaint:B compliment:d complimentari:c complimentarili:a comprehens:Z concili:[ condemn::
confid:f conflict:@ confront:E confrontationist:E confus:E confused:A confusion:D congrat:h congratul:k consent:Z
consider:c consol:[ conspiraci:8 contagi:B contagion:> contempt:? contemptu:= contend:U content:` contented:^
contenti:D contest:V contradict:D contradicti:= contradictor:C contradictori:E contradictorili:G controversi:F
convinc:\ convincing:W convivi:\ cool:] corner:E corps:5 courag:f courteous:g courtesi:_ coward:> cozi:_ cramp:H
crap:@ crappi:6 crash:? craze:K crazi:C crazili:A crazywe:X creat:[ creation:[ creationist:V creativ:a credit:_
creditworthi:f crestfallen:7 cri:= crime:7 crimin:6 crisi:1 critic:B criticis:? criticiz:F crude:> cruder:< crudest:8
cruel:4 crueler:9 cruelest:6 crueller:8 cruellest:3 cruelli:4 cruelti:6 crush:B cunt:6 curious:] curs:7 cut:G cute:c
cuter:g cutesi:_ cutesiest:f cutest:l cutey:b cuti:b cutiepi:d cwot:9 cynic:A damag:< damn:> damnabl:? damnat:<
damnatori:6 damnedest:K damnifi:9 damnit:8 danger:: dare:b daredevil:U daring:^ dark:F darkest:: darl:f darling:g
dauntless:g daze:I dazed:K dead:/ deadlock:B deafen:D dear:b dearer:c dearest:j deari:a dearth:@ death:3 debonair:X
debt:A decay:@ deceit:< deceiv:@ decept:= decis:Y dedic:d defeat:A defeatist:= defeatur:? defect:? defector:@
defencemen:V defenseless:C defer:F defiant:G deficit:? definit:^ degrad:< dehuman:= deject:: delay:E delect:h delic:X
delici:e delight:g delighted:e delightsom:g demand:H demor:@ deni:@ denier:C denounc:@ depress:< depressor:>
depressur:J depriv:> derail:C derid:E deris:D desir:] despair:< desper:? despis:< despond:; destroy:8 destruct:9
destructionist:8 detach:K detain:> detent:A determin:[ determinaci:Z devast:5 devil:; devilfish:I devilish:<
devilkin:8 devilri:: deviltri:: devilwood:G devot:` devote:Z devoted:d diamond:^ dick:9 dickhead:1 die:4 difficult:@
difficulti:C diffid:F dignifi:d dignitari:\ digniti:_ dilemma:I dipshit:; dire:6 dirt:B dirti:= dirtier:B dirtiest:8
disabl:; disadvantag:> disagr:@ disagre:@ disappear:E disappoint:= disast:4 disastr:3 disbeliev:D discard:F
discomfort:@ disconsol:< discont:> discord:? discourag:> discredit:= disdain:; disgrac:; disguis:E disgust:6
dishearten:; dishonest:5 disillus:A disillusion:@ disinclin:E disjoint:C dislik:@ dismal:2 dismay:= disord:?
disorgan:D disori:A disparag:> displeas:= disput:A disqualifi:> disquiet:C disregard:D disrespect:= disrupt:B
dissatisfact:< dissatisfactori:< dissatisfi:< distort:B distract:C distraught:6 distress:< distrust:= disturb:>
dither:K divin:a divinatori:` divinest:k divinis:U dizzi:G doa:9 dodgi:G dolor:: doom:: doomi:E doomsay:B doomsday:7
doomster:= dork:F dorki:E dorkier:E dorkiest:D doubt:C doubtabl:A doubter:A doubtless:Z douch:A douchebag:2 downcast:>
downheart:9 downsid:F drag:H drain:A dread:9 dreadnought:J dream:^ dreari:B droopi:H drop:E drown:6 drunk:B dubious:A
dud:F dull:B dullard:? duller:? dullest:? dulli:E dullish:E dullsvill:8 dumb:A dumbass:6 dumbbel:H dumbcan:J dumber:A
dumbest:9 dumbfound:E dumbhead:: dumbl:C dumbstruck:F dump:A dumpcart:J dumper:F dumpi:B dumpier:B dumpiest:@
dumpish:> dumpster:H dupe:@ dwell:U dx:2 dynam:^ dynamist:] dynamometri:V dynamotor:V dysfunct:> eager:` earnest:g
eas:] easement:` easi:b easier:b easiest:b easili:^ easygo:] easygoing:_ ecstaci:q ecstasi:j ecstat:k eeri:D effect:d
effici:` effin:9 egot:D egotist:@ elat:h eleg:c embarrass:@ embrac:] emergenc:@ emot:V empathet:a empti:F emptier:I
emptiest:> emptili:F enchant:` encourag:c endors:\ enemi:8 energ:c energet:b energi:Z energis:e engag:] engross:V
enjoy:f enlighten:e ennui:D enrag:: enraptur:n enslav:; ensur:^ enterpris:g entertain:b enthus:b enthusiasm:d
enthusiast:c entitl:[ entrust:X envi:F envier:F envious:E erron:> error:A escap:V esteem:c ethic:g euphor:p euphoria:q
evict:< evil:4 evildo:4 evilest:7 evillest:/ evilli:. exagger:J exasper:> excel:j excelsior:W excit:a excitatori:[
exciton:X excitor:U exclud:D excruci:8 exhaust:E exhaustless:Y exhilar:i exoner:` expand:] expel:A exploit:> explor:Y
expos:I extend:V exuber:l exult:f ez:_ fab:d fabul:j fad:Y fag:; faggot:/ fail:; failur:: fair:] faith:b faithless:D
fake:= fall:J fallen:A falsifi:> fame:c fan:] fantast:d fantastic:] farc:? fascin:f fascist:? fatal:8 fatalist:G
fatigu:C fault:@ faultfind:A faulti:B faultier:; faultiest:; faultili:< faultless:a fav:f fave:c favor:a favorit:^
favour:a fcol:> fear:: fearful:: fearfullest:7 fearless:^ fearsom:? feebl:D feel:U feloni:7 feroc:H feroci:F fervent:[
fervid:U festiv:e festivalgo:\ feud:@ feudal:I feudalist:F feudari:H feudatori:K feudist:G ff:b ffs:4 fiasco:9
fidgeti:B fieri:B fiesta:b fight:? fighter:V fine:X fire:> fit:] fkm:8 flatter:[ flatteri:\ flaw:; flawless:_ flee:I
flexibl:\ flirt:X flirtat:a flirtati:V flirter:V flirti:V flop:B flu:@ flunk:? flunker:> flunkey:D flunki:@ fluster:F
foaf:b focus:` foe:< foeman:> foetid:9 foetor:6 fond:e fool:> fooleri:> foolfish:H foolhardi:A foolhardiest:C
foolhardili:F foolish:? foolishest:B foolproof:` foolscap:H forbid:@ forbidd:B forbidden:> forc:< foreclosur:B
forgav:^ forget:F forgiv:_ forgiven:` forgiving:b forgotten:G fortun:c fought:C foughten:= frantic:C fraud:6
fraudster:8 fraudul:: freak:@ freaki:B freakier:C freakiest:@ freakish:B freakout:@ free:c freebas:X freebe:] freebi:b
freeboard:W freeboot:E freeborn:\ freed:a freedman:[ freedmen:W freedom:f freedwoman:` freedwomen:] freeform:Y
freehand:Z freeheart:_ freehold:W freelanc:Y freeli:c freeload:B freeman:a freemartin:K freemasonri:W freemen:_
freeness:` freer:Z freest:` freestand:[ freestyl:X freethink:Z freewar:W freewheel:V freewil:Z freewrit:X freez:@
frenzi:C fresh:] friend:d friendless:A friendli:d friendlier:d friendliest:j friendlili:b friendship:b fright:@
frighten:= friski:Z frown:B frustrat:< ftw:d fu:+ fubar:2 fuck:5 fucker:1 fuckfac:0 fuckhead:1 fucktard:1 fud:E fuke:4
fulfil:` fume:= fumelik:I fumett:J fun:e funer:@ funnelform:U funner:f funnest:m funni:` funnier:a funniest:j
funnili:c funnyman:^ funnymen:] furi:5 furious:9 futil:= fwb:i fyi:X gag:B gain:b gallant:b gallantri:j geek:H geeki:J
generos:h generous:f genial:b gentl:d gentler:^ gentlest:b gg:\ gga:a ghost:C giddi:J gift:c gigg:Z giggl:] giggler:Z
gigglier:Z giggliest:a gigo:J give:^ giver:_ gj:d gl:] gla:i glad:a glamor:d glamoris:` glamour:b glamourless:@ glee:p
gleeful:m gloom:= gloomi:E gloomier:A gloomiest:> glori:g glorif:d glorifi:f gloriol:^ glorious:m glum:; gn:\ god:[
goddam:9 goddamn:< godsend:l good:d gorgeous:j gossip:D gossipi:C gossipmong:D gossipri:F grace:a graceful:f
gracefullest:l gracil:\ gracioso:Z gracious:h grand:d grande:\ grander:a grandest:h grandeur:f grant:\ grateful:b
gratif:a gratifi:a gratitud:g gratz:d grave:C gravel:J graveless:C gravelli:G graven:G graver:D gravesid:D gravest:C
graveston:J graveyard:D great:o greater:_ greatest:p greed:B greedi:A greedier:< greediest:4 greedili:= greenwash:>
greet:] grief:: griev:< grievanc:> grievant:F griever:= grievous:; grim:@ grimac:A grimalkin:G grime:E grimi:?
grimier:@ grimiest:I grimili:I grimmer:A grimmest:H grin:^ grinner:^ gross:@ grossest:; grossli:G grossularit:I
grouch:B grouchi:< grouchier:< grouchiest:9 grouchili:B grow:W growth:` gt:[ guarante:Z guilt:D guilti:> guiltier:<
guiltiest:? guiltili:E guiltless:W gullibl:@ gun:B ha:^ hack:? hagd:f hagn:f hago:\ haha:c hahaha:j hail:Y hak:c
hallelujah:n hand:f handsom:e handsomest:j hap:[ hapless:B happi:k happier:h happiest:p happili:j harass:7 hardi:a
hardier:J hardship:C harm:8 harmless:[ harmon:` harmoni:a harmonica:V harmonicist:W harmonis:_ harmonium:X harri:B
harsh:= harsher:: harshest:3 hate:6 hater:< hatr:0 haunt:A havoc:3 healthi:a heart:p heartbreak:; heartbroken:/
heartfelt:i heartless:6 heartwarm:e heaven:g heavenli:k heavenliest:k heavenward:] heavyheart:; heh:J hell:, hellish:0
help:a helper:\ helpless:> hero:e heroic:j heroicom:Z heroism:i heroiz:d heron:U heronri:W hesit:D hesitat:B hhoj:d
hhok:Y hide:G highlight:^ hilari:a hindranc:? hoax:E holiday:` homesick:B honest:e honestest:n honesti:d honor:f
honorari:^ honoraria:V honorarili:c honorarium:X honore:f honorif:b honour:e hooligan:@ hooray:g hope:b hopeless:8
horrend:9 horrent:G horribl:8 horrid:9 horrif:0 horrifi:4 horror:5 hostil:= huckster:G hug:d huge:] huggabl:` hugger:a
hugz:d humer:^ humili:< humor:` humoresqu:Z humorist:] humorless:B humour:a hunger:F hurrah:f hurray:d hurt:: hurter:;
hurtl:F hypocrit:< hyster:> hysteria:= ideal:` idealess:= idealis:_ idealist:_ idealless:? idealog:X idealogu:U
idiot:8 ignor:C ignorami:= ignoramus:; ij:W ili:r ill:= illeg:6 illiteraci:= ilu:r iluaaf:k imbecil:: immobil:D
immor:A immoralist:= immort:Z immun:\ impati:@ imperfect:C imperson:C impolit:= import:\ impos:D impot:E impress:`
impression:V impressionist:\ impressur:V imprison:< improv:b inabl:? inact:F inadequ:A inadequaci:? incap:@
incapacit:= incens:< incent:^ incompet:: inconsider:= inconveni:B increas:\ indecis:F indestruct:V indiffer:H indign:;
indoctrin:G ineffect:F ineffectu:C infatu:V infect:: inferior:B inflam:B influenti:c infring:; infuri:6 inhibit:D
inhibitor:F inhibitori:F injur:? injuri:> injustic:5 innoc:_ innocent:Y innov:c insan:: insecur:? insensit:B
insignific:B insincer:? insipid:< inspir:e inspiratori:_ inspirit:` insult:; intact:X integr:` intellect:]
intellectu:` intellectualist:^ intellig:a intelligenc:` intelligenti:c intelligentsia:_ interest:` interesting:b
interrog:@ interrupt:C interruptor:C intimid:A intimidatori:E intric:V intrigu:Y invigor:_ invinc:f invit:Z invulner:]
iou:W irat:3 iron:K irrat:A irrationalist:> irresist:^ irresolut:B irrespons:= irrevers:H irrit:= isol:E
isolationist:W itchi:E iyq:g jackass:9 jade:@ jail:: jaunti:\ jealous:= jealousi:@ jealz:D jeopardi:; jerk:E jewel:b
jho:X jhomf:Z jj:Z jk:Y jocular:\ join:\ joke:[ joker:U jokest:\ jokey:[ jolli:g jollier:h jolliest:m jollif:e
jollifi:e jollili:k jolliti:b jovial:c joy:j joyanc:g joyful:h joyless:9 joyous:m joyrid:Z joyridden:V joyrod:Z
joystick:W jp:X jt:Y jubil:n jumpi:F justic:h justifi:^ jw:` keener:V keenest:c kewl:] kfi:g kia:0 kill:0 killde:J
killdeer:E killer:/ killjoy:= kind:f kinder:f kiss:e kissabl:d kisser:` kissi:b kk:_ kmuf:f kudo:g lack:C lackadais:@
lag:C laidback:U lame:B lamebrain:> lament:A lamer:B lamest:A laoj:] laugh:f laughabl:\ laugher:a laughingstock:C
laughter:f launch:U lawl:^ lawsuit:H lazi:A lazier:9 laziest:5 leak:B leet:] legal:U lenient:[ letharg:D lethargi:B
liabil:H liar:9 libel:; libertarian:Y liberti:g lie:= lifesav:l lightheart:b like:a likeabl:d limit:F litig:H litigi:H
live:c liveli:` liveliest:e livelihood:X livelili:b livelong:a livid:7 lmao:h lmbao:b lmfao:i lmso:k loath:: lol:h
lolz:k lone:D loneli:@ loneliest:8 loner:E lonesom:A long:W loom:H loos:F lose:A loser:8 loss:A lossi:D lost:C lous:D
lousewort:J lousi:; lousier:: lousiest:6 lousili:D lovabl:n love:l lover:k loving:k lowbal:F lowborn:I lowboy:J
lowbr:6 lowbrow:D lowdown:H lower:H loweri:> lowermost:B lowest:@ lowish:G lowli:E lowlier:? lowliest:> lowlif:>
lowlight:< lowliv:; lown:Y lows:I loyal:_ loyalist:] loyalti:f lts:` luck:a lucki:_ luckier:c luckiest:m luckili:g
luckless:C ludicr:? lugubri:; lulz:d lunat:= lurk:I ly:j lya:q lyb:n lyl:o lyla:j lylab:k lylb:` mad:= madden::
madder:D maddest:4 magnif:c magnific:l magnifico:` maniac:? manipul:B marvel:f masoch:B masochist:? masterpiec:l
matur:b meaning:] meaningless:= medal:e medit:^ melanchol:F melancholi:A melancholia:F melancholiac:< menac:< merci:_
merit:_ meritocraci:V meritocrat:[ meritori:a merri:h merrier:a merriest:k merrili:h merriment:f merrymak:e
merrythought:^ mess:B messi:A method:V mia:D mindless:= miracl:l mirth:h misbehav:? mischief:D miser:< miserer:H
miseri:5 misericord:K miserli:6 misgiv:B misinform:A misinterpret:C mislead:? misread:E misreport:A misrepresent:<
miss:F mistak:C mistaken:B misunderstand:A misunderstood:B mlm:B mmk:V mml:d moan:J mock:? mocker:F mockeri:A mofo:8
molest:8 monger:H monopol:H mooch:@ moocher:? moodi:B moodier:E moodiest:; moodili:C mope:B moron:? motherfuck:0
motiv:b mourn:= mourner:? mournful:= muah:j mubar:F mumpish:B murder:/ murdere:0 murderess:8 musm:Y mwah:i nag:B
nagana:? nagger:@ naggi:? naggier:B naggiest:8 naiv:E nasti:; nastier:9 nastiest:8 nastili:= natur:_ nbd:] nbif:K
neat:_ neaten:^ neater:Z neatest:a needi:B negat:7 neglect:< nerd:D nerdiest:V nervous:F neurot:C neurotic:G nfc:5
nfw:8 nh:f nice:b nicer:c nicest:f niceti:^ nifti:a nigga:B nigger:/ nimbi:H nimi:B nimjd:I nitl:A nme:; no:D nobl:d
noisi:I nonsens:? nosey:H notori:= novel:] noyb:I np:^ ntmu:^ numb:E number:V numbest:F numbfish:I numbl:B numbskul::
nurtur:` nut:C obliter:7 obnoxi:; obscen:4 obsess:F obsession:B obsolet:D obstacl:@ obstin:D odd:C offenc:C offend:@
offens:? offenseless:W offlin:K ok:^ okay:_ omin:B open:^ opportun:` opportunist:Y oppress:= optim:b optimis:a
optimist:b optionless:? origin:] outcri:9 outgo:\ outmaneuv:U outrag:> outreach:[ outstand:n overjoy:k overload:A
overreact:B oversel:H oversimplifi:J overstat:G overweight:A overwhelm:I oxymoron:K pain:; painful:? painless:\
palat:\ panic:; panick:< panicki:A panicl:U paradis:p paranoia:D paranoiac:F paranoid:C pardon:] parti:` partier:Z
partyer:\ passion:f passionless:= pathet:= peac:g peaceabl:b peaceful:c peacefullest:o peacekeep:a peacemak:d
peacenik:X peacetim:f peculiar:V penalti:< perfect:d perfecta:Z perfectest:o perfection:] perfectionist:[ perfecto:]
peril:? perjuri:= perpetr:@ perplex:C persecut:A perturb:B pervers:? pervert:? perverted:D peski:D pessim:>
pessimist:A petrifact:= petrifi:9 petti:H pettiest:C phobia:> phobic:D picturesqu:` pileup:E piqu:E piss:< pissant:<
pisser:? pissoir:H pita:8 piteous:D piti:C pitiabl:E pitier:D pitiful:> pitifullest:E pitiless:A pityriasi:H play:]
pleas:b pleasant:e pleasantest:j pleasantri:` pleaser:^ pleasur:h pleasureless:@ pmbi:X pmji:W po:6 pois:Z poison:5
poisonwood:F pollut:; poor:; poorer:A poorest:7 popular:_ popularis:[ posit:h positiv:c positivest:m positivist:c
possess:G postpon:H poverti:9 power:b powerless:: prais:h praiser:d praiseworthi:i praiseworthili:c pray:^ prblm:@
prblms:9 precious:g prejud:> prejudic:< prejudici:: prepar:Y pressur:F pressureless:Z pressuris:I pretti:b prettier:e
prettiest:k prick:G pricket:K pricki:J prickl:G prickli:J pricklier:@ prickliest:B pride:^ prison:8 privileg:^ prize:f
prizefight:Z prizer:Y prizewin:n prizewinn:g proactiv:b problem:? problemat:> profiterol:U profitless:A profitwis:Y
progress:b promin:] promis:_ promiscu:D promise:Z promisor:Z promissori:Y promot:` propaganda:F prosecut:> prospect:\
prosper:e protect:` protest:F proud:f prouder:f proudest:j proudheart:^ provok:D pseudosci:D ptl:j pu:E puke:< pukka:l
punish:; punit:9 pushi:E puzzl:I qq:: qt:b quak:A question:D racism:1 racist:4 radianc:\ radiant:_ rage:8 rancid:8
rant:B ranter:D rape:, raper:- rapese:K rapist:, raptur:Z rash:? ratifi:V reach:X readi:\ reassur:` rebel:G rebeldom:A
rebelli:B rebellion:H recess:> reckless:? recommend:[ redeem:] reek:; reeker:@ refus:B regret:? regrett:< reinvigor:d
reject:< rejecte:< rejector:> rejoic:f relax:` relaxed:d relaxin:^ reliant:U relief:a reliev:^ relievo:] relish:`
reluct:C remark:j remors:H remorseless:8 repetit:F repress:A repressor:> repuls:7 rescu:b resent:B resentenc:H
resign:E resigned:H resolut:[ resolv:Z respect:b respons:^ rest:_ restless:D restor:\ restrict:B retard:6 retreat:X
reveng:= rever:g reviv:_ reward:f rich:f richen:\ richer:h richest:h ridicul:@ rig:F rigid:J rigidif:F rigidifi:J
rigor:E riot:8 risk:E risker:H riski:D riskier:B riskiest:A riskili:I riskless:] rob:9 robber:6 robe:E robust:^ rofl:k
roflcopt:e roflmao:i romanc:c romant:b romantic:a romanticis:b romanticist:` rotfl:j rotflmao:l rotflmfao:i rotflol:n
rotgl:m rotglmao:b rotten:9 ru:@ rude:= ruder:A rudesbi:< rudest:7 ruin:< ruinabl:@ ruinat:= ruiner:< ruinous:;
sabotag:8 sad:= sadden:9 sadder:8 saddest:2 safe:c safecrack:H safeguard:^ safekeep:^ safelight:Z safer:b safest:a
safeti:` salient:[ sapfu:E sappi:F sarcasm:G sarcast:F satisfact:d satisfactori:_ satisfactorili:` satisfi:c savag:<
savageri:: save:d scam:4 scandal:: scapegoat:A scare:> scarecrow:H scaremong:< scarer:A scarey:? scari:: sceptic:G
scold:? scoop:V scorn:> scream:B screamer:A screw:B screwer:H screwi:F screwier:J screwiest:< screwup:B scrumptious:b
scumbag:0 secur:] securest:j securit:\ sedit:> sediti:? seduc:A selfish:> sentenc:J sentiment:[ sentimentalis:Z
sentimentalist:X seren:d serious:I sete:l sever:A severest:A sexi:h sfete:k sgtm:h shake:I shakedown:C shakeout:F
shakeup:J shaki:H shakier:G shakiest:D shakili:I shame:: shamefac:; shamefaced:< shamefast:F shameless:A share:^
shatter:; shi:F shit:; shitak:E shithead:4 shitti:6 shittier:; shittiest:. shittim:J shock:B shockabl:F shocker:H
shockproof:] shoot:B shortag:H shrew:G shyer:H shyli:I shylock:B shyness:D shyster:D sick:9 sicken:: signific:Z
silenc:K sillier:Z silliest:X sin:8 sincer:b sincerest:d singlemind:\ sinist:3 skeptic:E slam:@ slap:V slash:F
slaveri:* slaw:e sleepless:@ sluggish:? slut:4 slutti:9 sluttier:5 sluttiest:1 sluttish:: smartass:= smarten:`
smarter:d smartest:n smarti:^ smear:A smh:C smilax:V smile:e smileless:B smiler:a smiley:` smog:D smother:A smotheri:E
smugger:F smuggest:A smuggl:? smuggler:> snafu:7 sneaki:G snob:? snobberi:< snobbi:? snobbier:I snobbiest:K snobbili:@
snobbish:D snobbism:F snub:? sob:< sober:H sociabl:_ sok:] solemnifi:K solid:V solidar:\ solut:Z solv:[ somber:>
sooth:[ sophist:j sore:A sorrow:: soulmat:m spam:> spammer:= spark:Y sparkl:^ special:a spirit:Z spiritless:C spite:<
splendent:k splendid:h splendifer:e splendor:h splendour:f splendrous:f spright:d squelch:F stab:: stabl:\ stall:H
stamina:\ stammer:G stamped:> stank:= startl:H startlement:K startler:J starv:: steadfast:Z steal:9 stealabl:?
stealer:< stench:; stenchi:9 stereotyp:D stifl:B stimul:\ stingi:@ stink:@ stinkard:@ stinkbug:F stinker:B stinkhorn:H
stinki:A stinkier:A stinkiest:; stinko:A stinkpot:@ stolen:: stop:H stout:W straight:Y strain:B strainer:H strang:F
strangl:7 strength:d strengthen:b stress:= stressless:` stressor:< stricken:9 strike:F striker:J strong:a strongbox:W
stronger:` strongest:c stronghold:X strongish:a strongman:W strongmen:U strongyl:V strongyloidosi:H struck:F struggl:A
struggler:D stubborn:B stubbornest:J stuck:F stun:` stunk:@ stupid:: stupidest:8 stutter:F su:E suav:d submiss:F
substanti:X subvers:G succeed:b success:c succession:Z successor:Z suck:> sucker:: sucki:= suffer:: suicid:- sulk:A
sulki:H sullen:? sunni:b sunnier:g sunniest:h sunshin:f sunshini:c super:m superb:o superior:` support:_ suprem:i
supremaci:X supremest:f supremo:` sure:a surefir:Z surefoot:b surefooted:_ surer:\ surest:] sureti:\ surpris:Z
surviv:b survivor:_ suspect:F suspend:? suspici:A suspicion:@ sux:A swak:g swear:F sweet:e sweetheart:n sweeti:f
swift:Z swindl:< sympathet:g sympathi:_ talent:d talentless:@ tantrum:@ tard:7 tear:G teas:D teasel:G teaser:H
teaspoon:U temper:@ tender:Z tenderest:^ tenderfoot:K tenderheart:e tenderhearted:b tens:D tenser:A tensest:D
tension:C tensionless:V terribl:9 terrif:c terrifi:6 terror:2 terroris:0 terrorist:. terrorless:Y tgif:g thank:d
thankful:c thankfullest:d thief:8 thiev:< thieveri:< thks:^ thorni:E thought:a thoughtless:< threat:; threaten:=
thrill:b thwart:I thx:_ tia:g tick:> timid:F timidest:G timor:H tire:= tit:G tnx:[ toler:\ toothless:B top:_ torn:F
tortur:5 totalitarian:8 toughen:Y tougher:W toughi:J toughish:F tout:J tragedi:6 tragedian:H tragedienn:B tragic:9
tranquilest:` tranquillest:X tranquilli:\ trap:> trauma:< traumat:9 traumata:? traumatis:9 travesti:5 treason:9
treasur:b treasurership:\ treasuri:X treat:a trembl:D trembler:H tremul:F trick:J tricker:D trickeri:D tricki:G
trickier:I trickiest:D trickili:H trickish:H trickledown:I tricksi:G tricksier:K trickster:E trite:H triumph:f
triumphal:d triumphalist:W triumphant:g trivial:H trivialis:F troubl:< troublemak:< troubler:@ troubleshoot:X
troublesom:< troublous:; true:b trueness:e truer:_ truest:c truli:c trust:c trustabl:f trustbust:K truste:Z
trusteeship:V truster:c trusti:` trustier:] trustiest:f trustili:` trusting:` trustless:9 trustor:\ trustworthi:f
trustworthili:g truth:a tumor:@ turmoil:A twat:. tx:_ txs:[ ty:` tyvm:i ug:< ugh:> ugli:7 uglier:: ugliest:4 uglif::
uglifi:= uglili:; unaccept:< unappreci:? unapprov:B unattract:= unawar:H uncertain:C uncertainti:B unclear:F
uncomfort:@ uncompel:G unconcern:G unconfirm:K uncontrol:B unconvinc:@ uncredit:F undecid:G underestim:E undermin:B
undeserv:= undesir:= uneas:? uneasi:@ uneasiest:; uneasili:B unemploy:= uneth:9 unfair:; unfocus:? unfortun:>
unfriend:A unfulfil:> ungrat:> unhappi:: unhappiest:7 unhappili:= unhealthi:8 unifi:` unimport:C unimpress:B
unintellig:< uninvolv:; unit:b unjust:9 unkind:@ unlov:: unloveli:< unloveliest:= unmotiv:B unpleas:; unprofession:9
unprotect:A unresearch:E unsatisfi:? unsavori:= unsecur:@ unsettl:C unsophist:D unstabl:A unstopp:H unsuccess:@
unsupport:? unsur:D untarnish:` unwant:G unwelcom:? unworthi:< upset:? upsett:< uptight:B urgent:X urw:c use:`
useless:@ vain:> valid:] valu:` valuabl:d vaniti:G vbg:e vbs:o verdict:V vest:V vex:< vexat:= vibrant:h vicious:B
victim:> victimhood:B victimis:@ victimless:V victimolog:J vigil:W vigor:Y vigoroso:_ vigour:Y vile:1 villai:8
villain:5 villaini:8 violat:9 violenc:1 violent:4 vip:g virtu:` virtueless:B virtuos:b virtuosa:b virtuosi:Y
virtuoso:c virtuous:e virul:5 vision:Z visionari:h vital:] vitalis:\ vitamin:\ vitriol:; vivaci:b vocifer:H vulner:G
vultur:@ vwd:j vwp:e walkout:F wanker:7 war:8 warfar:A warm:\ warmer:[ warmest:a warmheart:b warmhearted:k warmish:^
warmong:5 warmouth:H warmth:d warmup:X warn:D warship:J wast:= waver:J wd:k weak:> weaken:B weaker:= weakest:9
weakfish:J weakheart:@ weakish:D weakl:B weaklier:A weakliest:; weaksid:E wealth:f wealthi:d wealthier:f wealthiest:f
wealthili:d weapon:A weaponri:G weari:E weep:< weeper:A weepi:A weepier:> weepiest:8 weird:H weirder:K weirdest:G
weirdi:E weirdo:B welcom:b well:^ wellaway:H wellborn:b welldoer:d wellhead:U wellsit:U wellspr:^ wept:< whine:C
whiner:G whiney:C whore:2 whoredom:: whorehous:A whoremast:? whoremong:9 whoreson:8 wick:: wicked:: wickedest:3
widow:; wilco:Y willing:[ wimp:D wimpi:F wimpier:F wimpiest:G wimpish:@ win:h winnabl:b winner:h wisdom:h wise:a
wiseacr:D wiseass:@ wisecrack:J wiseli:Y wiseliest:` wisenheim:D wiser:\ wisest:e wisewomen:] wish:[ witch:A woe:>
woebegon:> woeful:< woefulli:? woesom:D won:k wonder:l woo:e woohoo:g woot:b worn:D worri:? worrier:> worriment:?
worrisom:= worrit:@ worrywart:@ wors:; worsen:; worser:< worship:^ worshipless:J worshipp:W worst:1 worth:Y worthi:c
worthless:= worthwhil:^ wow:i wp:Z wrath:5 wreck:= wrong:< wtf:4 wtg:e wth:8 xd:l xlnt:n xoxo:n xoxozzz:g xp:^ xqzt:`
xtc:X yay:h yeah:\ yearn:U yeee:a yep:\ yes:a yolo:[ youth:] yucki:> yummi:h yvw:` yw:b ywia:i zealot:B zealous:U
zzz:D
)words";

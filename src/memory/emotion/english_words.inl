// Written by scripts/train_emotion_head.py from GoEmotions (Apache-2.0, see NOTICES.md).
// feature:weights, one character for each label: (character − 'P') / 10.
constexpr std::array<float, kEmotionLabels> kEnglishWordsBias = {-1.6972f, -3.4264f, -3.7316f, -0.8306f,
                                                                 0.8605f,  -2.6870f, -1.8166f};
constexpr std::string_view kEnglishWords = R"words(
!:ONOTMMO ?:JJLEJJj a_bad:SSRTLPV a_beauti:OOOTINM a_better:LRNTPTO a_bitch:WWPLMNS a_cool:NOPWJQM a_cult:NSVPRLQ
a_cute:POPSOON a_disast:RSPIMZM a_drug:WPPOPNN a_fantast:NPOVKOQ a_fuck:RNOLOOU a_fun:QOOUONL a_god:TOOTKMQ
a_good:OMLSONR a_great:MLRROJL a_happi:QPPQLOK a_horribl:SKPORTP a_horror:NPTOOQO a_laugh:OPPTLOO a_legend:OOO]DNM
a_lie:QOOMM\O a_link:POPOKUS a_love:OPPHZMM a_mental:PPVQNRO a_minut:KOOPOOZ a_moment:PPQOP[N a_more:LOO\EMS
a_moron:XRPMOOM a_name:LOMSQOP a_nd:ZPPQLOO a_nice:UNNJOSO a_nightmar:ROWONNQ a_question:ROPNLNS a_sad:POPIVMM
a_shame:NVRNLUN a_shit:PWPPNQM a_stupid:TOPNPNQ a_surpris:LOOOPPO a_terribl:RUWLMWO a_thing:POMLUKR a_virgin:MUPSLLR
a_weird:USSMPMP a_wonder:OPOXOLJ a_young:STOKPMT abl:KKQSOKO about:QLSOQMQ about_to:LRWPOUO about_your:QOOPQOP
absolut:RYRVGPK absolut_love:ROPSONP abus:ZUMNHSQ accid:MONIRTN accord:KOOJTSO accord_to:JOOJTSQ account:STPMOLU
actual:OMKQOQR actual_fuck:SSPLOSU actual_look:MPPZIOP actual_realli:NPPSKSM ad:WWONPSJ ador:ILPgAKK advic:POMSGOO
advic_i:PPPPPPO af:PVNQRQQ affect:ZNRKNSO afraid:HKwHDGK afraid_of:MOWVMNT afraid_to:NOYPKQI after:KSKMRPS
aggress:^TOHJOO agre:GIOhAGJ agre_but:PPPSLMO agre_i:ROPVMMN agre_it:NSRRNKP agre_more:\OPQMNN agre_with:QMQOOOP
ah:JNPRLQW ah_thank:PPPQOPM album:LOPWJMQ all_good:POPWKSM all_time:NPOUPLN almost:SJNOOUO alon:RNRJPXQ
alreadi_know:TUPNMOQ alright:EPMVRIO alright_thank:PPPQOPP also_love:NPPWJOS also_the:OUOSLNM alt_right:KOTLWOO
alway:NLQTNPM alway_love:OPPOSNN alway_the:ROTNPON alway_wonder:OPRGKSX am:LTPROPP am_glad:NSPUNNW am_happi:OPPSMNO
am_i:XNOMKMT am_in:QOPPKXP am_so:ONNPJWK am_sorri:NPRKNQO amaz:GEMm5GP amaz_and:OPPQOOS amaz_i:SPPQOPO amaz_me:LPRIOO[
an:QOOQPOP an_absolut:MNTOPMM an_actual:QVONSQI an_amaz:OOOPOQK an_asshol:[OPKHPN an_aw:QUORMQN an_awesom:NOOSQNO
an_excel:OPPRNPU an_excus:UPPQKSL an_idiot:TNONOTN an_unpopular:YPPMKPL and:PQOPQOO and_enjoy:NPPUPOO and_good:SRPMSQO
and_happi:OPPMPVN and_hope:NSOJSPT and_how:ROOQJ]N and_i:RRTOOPP and_i'd:NOPWMSQ and_i'm:JONTMTK and_like:MVPRNNP
and_love:WOPSHVO and_name:QMNOQNQ and_over:MONOJXW and_sad:RPPRQRQ and_still:POOJPZR and_stop:TOPQLNN and_take:UNONNKS
and_thank:NPPPONV and_then:PRLNQTQ and_what:KOOQUMP and_whi:VOPNLRO and_wonder:OPRLOQT and_would:MOTPNPQ
and_yet:MTQMORJ anger:_MNPKKM angri:fOPJFLL ani:QOPOPNQ ani_sort:SPQQOOO ani_way:WORMJPS annoy:rQLH>FH
annoy_me:VOOLNOO anxieti:HLnPDNV anxious:KNcQGJO anymor:TTPMOQP anyon:SRQMPMO anyon_have:OPPORVS anyon_know:OPPSNLM
anyon_who:TQOOLNM anyth:SSNMONS anyth_about:UPOONMP anyth_but:WPPOJPM anyth_in:QVPMQNU ap:OPSNQNP apolog:KQNGGnH
apolog_for:TPPNOUO appar:LOSOUNT appreci:JLLg;IK appreci_it:QPPPNRN appreci_that:OPPROQQ appreci_the:NOOUQPQ
appreci_this:NOOSNNN appreci_you:OPPSKOP appreci_your:NPPRNON ar:NPRONPO are:QUSQOPQ are_amaz:OPRSOSM are_an:TOPPMRP
are_awesom:UOPNNOR are_bad:QTPSLOQ are_fuck:ORPOMOR are_great:JRPXMQO are_horribl:MSSNNQP are_not:QLQNQNR
are_ok:MOSRNQO are_probabl:YPPGOOQ are_the:OPNKRRP are_there:JOPNMNZ are_they:MQORFRW are_we:POOOTNS are_wors:SSPOPNN
are_wrong:RPPQQOM are_you:NQOKPOU aren't:ROQONRS argu:WROHNMT argu_with:XOPOISS argument:[NNJMNM as_bad:VPRQPOL
as_fuck:GNOYPZR as_hell:SWVOMQK as_someon:VPTVCNQ as_this:RUOSJMS as_to:NPORLQQ as_well:HRMQPMP asexu:OSPOPOQ
asham:SQOGDiK asham_of:NOPSMRO ask:QIRMTKL ask_a:OPOSQOV ass:VQMLNQF asshol:jQOJAOH assum_that:LOQLYPJ at_all:TYLLRMN
at_am:NXOSLSL at_how:LOOPPTS at_your:PPPNOPV attack:NLZLNVT aw:TuRJ?RF aw_and:OMSRMSO awar_of:KSOMMN[ away:SRTMSTN
away_from:PYUUFNQ awesom:BMIs4JF awesom_i:NPPTNNX awesom_thank:PPPPPPO awkward:LXNICpI aww:KOOYJPN back_of:QORKUTN
bad:W[JCL`O bad_as:UROLQLL bad_at:RYPVIPN bad_day:OPPSLTS bad_for:MPMIMWQ bad_i:QUORISL bad_it:OOSSKVN
bad_name:WNPPPKP bad_news:KOPMRXM bad_that:RNOOSPO bad_time:ONPPPXN bastard:kROKBMI be_afraid:KPSXKSR be_asham:OQORLSO
be_awesom:OPPOPON be_care:IOPaGQP be_downvot:VPPMORR be_fun:MPPWGNS be_funni:NPPSRNL be_great:OPPSMRP be_happi:POONTRQ
be_in:OLYNQQQ be_piss:WRQMLPP be_sad:QPPMXLR be_scare:NOROQOO be_stupid:ROPKPSP be_surpris:QNOQTOJ be_wors:OYPOOOO
be_wrong:LPRMPOU beauti:DIIp9JI beauti_and:OOORRMS becaus:QTINQRP becaus_i:RRQTMQL becaus_she:INPL[IM
becaus_they:LWUPRJK becaus_you:RQTNSRF becaus_you'r:QQPPONQ becom:RNMQLQU been:RQKPOSQ been_the:KSPOMQO befor:POMOQOU
befor_that:PTONNSR behavior:NSNOPUL believ_he:OOPQPMW believ_that:MNPPONT believ_you:RQORQTP best:LII^HJP
best_for:UPPUNPO best_of:WOOOOJM best_thing:OOOWNNR bet:KOPOWNQ better:NQFXKKP better_for:OSPPOOM better_in:NSPOQOM
better_soon:PPPSOQR beyond:NQSNQPP biggest:OPVPKSP birthday:NOOXIWP bitch:dTOGEJO blame:[UMDPVK blame_name:YSPOLNQ
bless:INN]ILO bless_you:PPPSJQN bloodi:]OONMMP blow:GNQMXRO blown:RPULMNR bodi:NRQKUQP bore:[QPHF[Q bother_me:QOOQMZN
brainwash:VNRQINT brave:GNQ_KMP break:OTKKQWN breakup:MRPPPTN brilliant:IOOgALI broke:IPOJPbO broken:ONNNLZS
brown:QOTKRQM brutal:[\TOHTR bulli:UXOMMQN bullshit:bPOQCSM but:OQOQQRP but_also:RWQRJMP but_how:JOSRRLS but_i:RPRRMNR
but_i'm:QPKSQMQ but_no:NNOMLYO but_ok:VQPMQNM but_thank:RPPUMQP but_then:TQOINMU but_this:SJMSMQS but_true:NSRZLRO
but_what:NSORLTL but_whi:LPPVNOT but_would:PPPUPOV butt:ZYOOMFO by:NLNNRQR by_a:MQPMPOQ by_far:SSPOQLM by_my:JPOMQVR
by_this:LMRKRXR cake:KTNWGMP cake_day:MOOUNOO cakeday:MOOTLOT call:QMNNQPO call_me:QPOOQMQ call_name:NXNQONU
can:LNOQRKQ can't:UNOMMVS can't_afford:XPRPJMO can't_be:QYOOSJL can't_believ:@SMKLMa can't_even:UMRLNOO
can't_just:SSPMPNL can't_stand:WQOPHPN can't_tell:RPPPNMX can't_wait:KNN[IKT can_anyon:POPOQOO can_do:IROXMTK
can_he:QPRMPST can_help:KRPYERO can_i:JOONNZU can_just:LNPPYMN can_someon:NPPJKPY can_we:LNOMPUT can_you:SRRQIRV
cannot:VNOJTSQ cannot_be:WPPLOOP cant:VPNOMNO care_to:MPPMUOR cartoon:RRPUITS cat:MRPMRXP caus:PPSNTRJ cell:NOOMWKP
championship:PPPOLQY chang:PLMOPHV cheat:TQOGQWJ cheater:ZRPKMMN cheer:LNNaCHO cheer_to:OPPTMOO childhood:KOQKQ[M
children:SQJMQUP choke:NUVOQJL chuckl:LSO]NOO cigarett:[PPONSR citi:MLMWLRQ claim:QONMOTR claim_that:LRPLPRS
clarif:OPPVMQL come:LJQRPQP comment_is:XROORRM comparison:LSOLSNQ complet_agre:NPPSMOQ concern:QPQ_BQT conclus:RPPQORU
condol:OOOOJ[N confus:JLMD>Ew congrat:GMNf=LJ congrat_on:POPQONN congratul:JNNf?KI congratul_on:NPPTMON cool:INK`GGK
cool_but:SPPSNTS cool_i:UPPLQOP cool_thank:PPPPPPO correct:NNS[JNN could:LMPQRMM could_help:OPOQNSM could_not:RPPPLYP
could_you:OORLKSV couldn't_even:MXSSNTM coward:_NRNNJP crap:]WPKMOK crazi:VMSYFOS crazi_how:OPPOMTV creep:ZQVNJRL
creepi:PgjIEPN cri:KOTLHiL cri_and:PPSJKSQ crime:WROIPRQ cring:UPnIOSN cringi:RONHM[N critic:XONNLPN cruel:^UNIKQU
cult:RRVQLQR cunt:UROIVNN curios:MOONFMb curios_what:RPPRLOS curious:CMMDCEp curious_about:NPRRKOY curious_as:NPPRPOU
curious_how:NPPLNOV curious_to:OPMMKPV curious_what:OPPPMPS curious_whi:OPPRMPS cute:IJLi<IL d:OINRSMP dammit:ZPPNKWT
damn:_VPOHTM damn_good:QOPUPMM damn_it:YNOGLYO damn_that:NWRPLOO damnit:\OOMGXK danger:NNqFNPQ dare:YPOKMLN
dare_you:ZMOINNM dark:OTYOKPP day:PJOPPNP day_with:NPTTMNN dead:MOOJRXS death:OPTEQ\M defeat:SPPNINX delay:OPTMSRP
delici:IOOaIKJ delusion:XNRLOUO depend:KMQRSQL depress:JRYJCiO destroy:^SOLEVO devast:VSNLJYN did:MMPPPQS
did_he:KPOIJPZ did_i:QROLQKS did_name:PPPNMOT did_not:ROQJOUX did_she:RPSOKPQ did_the:LOOROLQ did_they:OPPMNQR
did_you:TNNNLPW didn't:QRKNOTQ didn't_do:OOPJ[NK didn't_even:IROMNVX didn't_know:LMOLPPR didn't_mean:TOPQMRN
didn't_realiz:NOOPLNZ didn't_take:RPPRIVU didn't_you:LPPQQQU didnt:PMXPOYS didnt_know:SORLMMW die:NPWLL_S
die_to:QPOPJRX differ:RQPNOPQ differ_from:KUPMUNT dirti:Y^OLGPN disabl:NOOPM^J disagre:gNOEGHP disagre_with:ROPROKQ
disappoint:HLNA@xH disappoint_in:OPPLRNQ disast:PSPLM`O discrimin:[SPPGUO disgust:GxMC7GG disgust_and:TRPMNSN
dislik:]VOJLSQ disney:PPUONNN disord:NOQQNYL disrespect:XSPINUH disturb:]RRHJTN ditch:NPPLOZQ do:OOMQQON do_a:QNOHXPH
do_better:MRPPOQT do_i:SOPKRRS do_more:PTPORNM do_not:UQNOPNP do_they:SOPORNO do_we:MPPLFR\ do_with:WNNMMRQ
do_you:LPTLMSY doe:MQRMQMS doe_anyon:ONPOKYQ doe_he:PPPQMST doe_it:ROQTQMM doe_name:RPPQOOR doe_not:PMONSMH
doe_she:SPPNQOQ doe_that:UNSOOMN doe_the:OPOMONS doe_this:NOORQQQ doesn't:UOLNPNN doesn't_deserv:SOPNMPT
doesn't_matter:SNOONRQ doesn't_mean:QTOOONO don't:ZMPPMML don't_be:TOOYLNO don't_believ:TOOSOOI don't_blame:RPPRPOR
don't_care:MSOQVIP don't_even:PMOKSQT don't_get:RNQHNMa don't_know:MPRFPVX don't_like:TMOLONL don't_listen:UPPQOOO
don't_need:QOPHROO don't_realli:LOPPMPV don't_rememb:MPOPRNS don't_say:UOQRJOO don't_see:ONNPSNR don't_tell:ROPPMON
don't_think:RPLNSRR don't_trust:RRPORNO don't_understand:TQQLKPX don't_want:OQQRPPR don't_worri:HNRXNRK
don't_you:QNOUJVS dont:YRKOOKP dont_like:\SPIKQP dont_think:UPPLINU dont_understand:KPPSJNY doubl_standard:SRPRJON
doubt:PPNMOH] down_vote:ZORMGMN downvot:ZOOHOUL downvot_me:UPSLNNM downvot_you:SPPLSNL dread:MR`LKQL drive:RMRONRN
drool:NVPQQNN dude:POMRQPK due:OONJQSR dumb:cYLFITK dumbass:_SOHGMO dumbest:\SPMKOM e:MROLUOO ear:PNTKRON eat:O\KPRLQ
edg:MOMLXOM edgi:PO`PHTR elabor:MPPOTPX embarrass:INP@?xM emot:NPOKTZO end_in:NPPONWQ english:QNNQORQ enjoy:GLJe@LG
enjoy_it:JROUNLQ enjoy_the:POOQQOO enjoy_your:LOPPSOO entertain:OTNaFML epic:RNOZMKJ equal:ZLOQLMK especi_when:SOSNONQ
essenti:ZRPKKMQ etc:ONQOWFR even:QRPPOQO even_know:OQOIQPR even_mean:QPPPOOR even_wors:TSPNJJM ever:OQSUNMQ
ever_read:NQSTNKN ever_seen:QQTKMWR evil:WNOLPLK exact:MPLXLKS exampl:QVPJOPR exampl_of:RQRNMMM excel:INOh<MO
except:RNLLQTV excit:FPKi@JF excit_for:MOOVKOS excit_to:NPOROMN excus:QPSIPQN exhaust:VOPPM^N expect_it:MSVIQOS
explain:MOMOQNR explain_how:QPPRONT f:SNOHZNJ face_is:QSRHPPQ fail:QNPMPZK fail_to:OPPONVN fair_enough:JOOaGJL
fake:]ULFNPR fall_for:PORWHYQ fals:^MRELMQ famili:MKQLRUO familiar:JOONUPS famous:LOO_ENM fan_are:IMPLSPQ
fantast:HMLj;JP far_the:QRPLPOR fav:MOOYJNN favorit:LLM[GOP favourit:MNN]FJQ fear:JKsKLLO fear_of:TPZSLQM fed:OVQRNRQ
feedback:OPPROTT feel:NUTTNUL feel_bad:ORMQA`J feel_better:LQNRMMN feel_for:PORRJRX feel_good:OOOUOJP feel_i:OOQLRQM
feel_like:SQWIRSU feel_so:KMNSIWN feel_sorri:RPPPRHO feel_weird:YSOLPQP feel_your:PNOVPLO fell:TROML[U felt:LOPNM[R
figur:QPOSMMY figur_out:NOPNORX filthi:[QOIKNP final:JKMTNMP find:PPVPORT find_out:QRWRKQM first_day:QPTRKSR
flex:NPOQTON flex_but:SPPQOON fool:aTOKONG for:OMNPQON for_clarifi:OPPQOPS for_explain:OPPQOPM for_post:QQPOLQN
for_remind:PPPQPPL for_share:SOOSSRM for_sure:NRUTKQP for_take:UPPOMPQ for_thank:PPPPPPO for_the:NMOSOOQ
for_this:TNNQMOP for_you:LMVTMUM for_your:MNSPPTI forc:ROSHQPQ forgiv:MOOSQXM forgot:HOOHRW\ forward_to:POOTONQ
freak:[NUOJNP free:GOLSPPR friend:MNMOSPM frighten:OOcNIOP from:PLPORNN from_be:KVPPOOQ from_me:WSNMRML
frustrat:hUNDIUK fuck:jZMH>NH fuck_idiot:NOPPROP fuck_is:SMRQMQP fuck_it:VORLNPO fuck_love:KPPTOPP fuck_my:QWQJPKM
fuck_name:NUOQTMT fuck_off:UNPNJLL fuck_out:NPSMTON fuck_stupid:EOPRRQO fuck_that:QNOMRLM fuck_the:\NQKJPN
fuck_this:OQOOPMR fuck_up:SNOLLSP fuck_you:URPKRNQ fuckin:[\ONFOJ fun:GHHi@IJ fun_and:LPOLNOV fun_to:NPOUKNN
funni:JGJp8FJ funni_but:NPPRMMV funni_how:VOPSLOM funni_to:OOOTLON funnier:MPP`DNM game:QKNQNUN game_is:RSRPLQM
garbag:UbNMLWP generic:VOOFQQO genius:IOOdCLJ genuin:PQNUJNV genuin_curious:OPPLMPS get_ani:PQPXLVJ get_better:SOOSOPP
get_out:ZTRNMIS get_what:OPPSI]P get_wors:PUSLPPN gg:LORKYMM give_a:RUOJSMI give_me:NMVXLPO glad:DNKj;HJ
glad_i:QONXJJJ glad_i'm:JOOUNNR glad_it:PQNRMNQ glad_she:NPPSJVN glad_that:NNQTPPT glad_they:NOORRNP glad_to:KQQZGON
glad_we:WPPSMSN glad_you:LTNONJT glad_you'r:SNPKQYM glad_your:OPPUNOM go_fuck:TTPOPMO go_on:MNOVKOU go_that:PSSNNOR
go_there:NPSKQPM go_through:NNPPNTM god:NKRQLTQ god_damn:SMRVGMP goddamn:[OOLJMS goe_well:NPQROOP gonna_be:SUQVDNX
gonna_have:POUTMML good:HLGbDKK good_day:NOPOVPR good_for:ROOTGLQ good_i:QPPPPPS good_idea:RPPRNSL good_it:QOPTOOO
good_job:KOO]HMP good_luck:LPO\INL good_now:NPPVMOM good_one:NOOUHRP good_point:NPPTJPX good_riddanc:OSPNOOP
good_thank:SPPPPPO good_thing:OOOTMQP good_to:ZPPRISO good_work:OPPSKPO gorgeous:JOOfAKL got_it:MMOYNOI
gotta_love:QPPVJOP govern:QNTKPOT greasi:TWOUHNN great:EDJo:II great_but:OPPUNRU great_day:TPPPOPT great_for:QPPNURL
great_game:OPPSMNO great_idea:NPOOQOO great_job:NPPTMRM great_movi:RPPTNOO great_news:OPPRNPQ great_thank:PPPPPPP
great_to:RPQMQRP great_way:OPPROPO great_work:PPPQNPP greedi:]TPPHON green:OSOFXNQ gross:UkNDPLL guess:KRLJRPT
guess_i'm:PRPVJYL guess_the:POPOKQY guilt:OPONH`P guilti:OOOLEfL guy_that:NNOOO[N guy_was:RRTLQRN ha:OQPXJLN
ha_ha:LOP[KOM had:NKSOROO had_a:NOROPQS had_no:IOPWKNT had_this:OOSLRM\ had_to:STLPONN hah:MPPZINP haha:FKDl?EI
haha_i:POOVLLP haha_thank:PPPPPPQ haha_that:OPNSNOO hahah:OPP[LOK hahaha:ALMn>HJ hahahaha:RPP\FNO handsom:IOObDML
happen:NMVOOTS happen_to:KPPNQMR happi:FGJf@IJ happi_and:QOPQNOS happi_birthday:NPONXPP happi_cake:OOOSMOQ
happi_for:OONRNNM happi_i:NPOUMRM happi_new:OOPUIOO happi_that:OPPTMOO happi_to:QOOUOMQ happi_with:JORTLTN
happier:NPO[JNO happili:OSP[MLM harass:ZQNQKNL hard:PPNMOWQ hard_on:OPPPPSO hard_time:SQQMJZS hard_to:RUPPJWU
has_not:YOPPMRM hate:bXJIHRO hate_her:WOPKPOR hate_him:NNPORTO hate_how:QUPQNQN hate_it:SUTNKVK hate_me:OOOPJZO
hate_name:SMOQSOU hate_peopl:TRPMJQO hate_that:RSOLSHP hate_the:WMOPKNR hate_them:TQPPORM hate_this:WOPQNQT
hate_to:SQPKNYQ hate_when:PNPQMNO hate_you:UOPQQOS hatr:`SPKFNR haunt:NPXJQQQ have:MQOQORQ have_a:QNUQPNQ
have_been:PRQLPSV have_ever:PORTSNK have_fun:SOONTMK have_much:PPPOMVN have_no:SOPKNZP have_seen:HTONQLQ
have_you:LNQNQPT haven't:LPNOQMT he:PMQPQOO he_also:JOPRUNM he_be:VPPNKOU he_been:YQPNGSY he_can't:TSPLRPI
he_could:ROTLPUJ he_ever:MQPSNOR he_have:SPPPMOU he_just:GQOMWKO he_may:MPTOOOQ he_was:NONNSQP he_wasn't:HPPQ\MM
head_up:OPPSMMS hear:MRROQRP hear_about:ROORPVL hear_i:OPPRPNO hear_that:VSSUMNM heard:KPORRMT heard_of:RTPKLRP
heart:QL\NQSM heartbreak:LPOLHeO hell:\TUNKOK hell_is:[ROMLTJ hell_out:OOQXSNU hello:HOOJ\MG help:MMLYKSQ
help_and:MPPSKXP help_i:PPPPQVQ help_thank:PPPPPRP help_you:MOOQPRP her_in:IORMWOO her_lol:NPPWMNN here:PNQOPOR
here_that:MOSQLOT hey:NKPTQFO hey_just:NPPQNPU hey_thank:RPPQOPR hi:JROLXPG hilari:KONhAIH him:PPKOROL him_off:NPOHTTU
him_thank:QPPROON him_that:PQPPPPN his:OTLQPOP hold:ILOOUSS holi:NQOONMX holi_shit:QMOSKOU honest:OSQUJPQ
honest_don't:SPPIQNT honesti:OOPYOPS hope:FHMh>MF hope_everyth:OPPSOVO hope_for:XOQJOOV hope_he:NNNULSK hope_i:MPOPOOO
hope_it:RRRVKMU hope_name:LPOQROP hope_she:MOOORPR hope_so:QPPNPNO hope_that:SOMSLNL hope_the:QOORWKT
hope_they:OORTNPL hope_thing:OPPRNNP hope_this:PPQQKMP hope_to:OPQLVML hope_we:NPPZMOQ hope_you:IRPSPNK
hope_you'r:NOOPJQO hope_your:PQPRQQP horni:MQOPPRS horrend:WYWLHNK horribl:XduF>PI horrif:OO^IMQP horrifi:PRoM@PN
horror:PObKJQN how:OOOMOOV how'd:OPPULOW how'd_you:OPPULOW how_are:QOPONMQ how_can:YORNKPS how_dare:bMOMFNI
how_did:PPOPJKW how_do:SOQQJTU how_doe:QPOMOOS how_far:MPPKROS how_he:KPONMPU how_is:VNRPHPR how_mani:QQOKOJV
how_much:LQPUQMQ how_often:UPPLQOP how_that:PPOVMMR how_to:RNRPNLS how_would:NPPMPOT how_you:ONNPQKW hug:DLSZJLJ
huh:NSNOOUQ hundr:NOPLXMJ hurt:RJLFHlP hurt_a:SOPMONN hurt_me:OSPOLUL hurt_my:PPPOMVM hypocrit:YOPNIRS i:OOQSLSR
i'd:LPQUMSQ i'd_be:UMRSIRQ i'd_like:LOQZILQ i'd_love:OOORJMM i'd_rather:SQOJTKN i'll:LPJVLPP i'll_be:POQXKKM
i'll_look:SPPPNOQ i'll_tri:NPPVKRM i'm:OMWSKUR i'm_afraid:KMbJJKL i'm_confus:NOOKKOU i'm_cri:NPONN]S
i'm_curious:MPPMJOV i'm_done:XPOMLOQ i'm_excit:OPOVLMM i'm_genuin:PPPQMMT i'm_glad:RSRQKOJ i'm_happi:MOOYJJO
i'm_here:LPO]LOJ i'm_hope:QPQRNMQ i'm_kinda:QPRNRQJ i'm_more:QRSNKLP i'm_not:UMKNSMR i'm_pretti:KOOTRJN
i'm_proud:MSPSMOO i'm_realli:NQTTOPK i'm_scare:NO\KKNK i'm_so:MRRPJQP i'm_sorri:MNNLMMK i'm_still:QQPLQOK
i'm_sure:RPLPPOJ i'm_surpris:LOOKKM\ i'm_tire:QPRJRUO i'm_too:RPRRJUP i'm_wonder:OPPJMO] i'm_worri:OPYJLRO i'v:NSTRMRQ
i'v_ever:LWUUJOL i'v_heard:MQQUMKV i'v_never:SRQPNLR i'v_read:SUPMPSO i_absolut:OQPSNNP i_agre:LJQYELM
i_almost:ROOPKOS i_am:SPTMPRO i_apolog:MPPQK^N i_appreci:KNNYHOR i_believ:IMP]KJK i_can:QMNRPPL i_can't:SMSPOQN
i_cant:XNOINNU i_could:NQJPNRT i_couldn't:RWWJKWQ i_cri:LPOQJRU i_didn't:URMMNNS i_didnt:ROULMPP i_disagre:`PPLIOK
i_don't:SNPKMPU i_dont:XUOGNOR i_doubt:RQOMJK^ i_enjoy:INO\HMJ i_fail:NPPPLUP i_feel:RNPMOUN i_felt:MOUJNTR
i_forgot:KOQHLTX i_get:SMVPRKO i_guess:OQNVLNP i_had:HSQSNQS i_hate:aYNDBNI i_have:QPSNRJS i_haven't:USPMOOU
i_hope:PNQRNLK i_just:NTMSMTP i_laugh:KOO[GOR i_like:FIJj<EG i_lost:RQOJJTR i_love:JKI`@NI i_made:NROSK[N
i_meant:ROOLXJM i_misread:OPPLKTX i_miss:IMPMK\I i_need:NMPRQNR i_never:NNNNUQS i_not:SPPPPOS i_notic:NPOOMTU
i_onc:MUPRKTM i_prefer:NUOVKNL i_read:GPOLQNU i_realis:MPPMKQ] i_realiz:MOOIIHW i_realli:PLLULRO i_refus:\QPLKOP
i_regret:OQOJLSM i_saw:KSTTKSR i_spent:YMNNLTR i_still:TMPRMMM i_swear:SYOLQTP i_the:PPPPSOP i_thought:QTONNST
i_tri:ONONJZX i_was:NOTMPSQ i_wasn't:QOOPKMT i_will:SPPSKTP i_wish:NLKXKNI i_wonder:LONKHM[ i_would:RQZQLQQ
idea:RMQQMNQ idea_thank:SPPPPPO idea_what:ROONOOS idiot:hRRI@SG idiot_and:OOPSRQP idk:NNPMNN^ idk_what:RPPQHUQ
if:NPNPQMQ if_anyon:JPSNROU if_she:NNQPOWO if_so:NPOJMSW if_the:QPMMPQT if_there:MQORNNS if_they:OJNQQNP ignor:VSLPLWK
illeg:VQQNLRQ im:OJTRLTS im_glad:NPPTNNP im_sorri:OPSXNRN imagin:IPULTPQ imagin_if:POTRKOO imagin_the:QRSNKUQ
immor:RRPSMQM impress:KNNdBLL in:NPPORPP in_danger:PSRONRO in_hell:YPPOIOR in_her:ORSJPVR in_love:LOOQPQR
in_public:SURNNRO in_the:SRNNPQQ in_troubl:ROXQFPR inappropri:[SPMLSM inconsist:RORLWNO incred:ORP\HMJ info:OOONONU
infuri:bQPIKML inher:YPPMOON injuri:SPQQNZN input:QPPQOPS insan:WMSNMRS insert:PPPJZQL insight:LPOUONM instead:RNLKRKP
instead_of:NMMMWOM insult:XNOJHYS interest:GHL[FLW interest_to:NPOTLOU intoler:TYPMKNQ intro:OPSRKTN invit:NOPJUNQ
irrat:[ORLNNN irrelev:_OOIKMR irrit:fVOHJML is:OTSOPPP is_amaz:NOPVJML is_as:WQORMOM is_aw:MYOSJQP is_awesom:LNOUMMN
is_bad:WZOPLIO is_beauti:NOPRPNO is_but:KOOQKQU is_disgust:OXOPLHO is_dumb:SOPUMOT is_funni:NPPSNNL is_good:POO\MNP
is_great:NNOZMLK is_he:NRQORNO is_hilari:POO[IKQ is_his:OTPPMOQ is_horribl:MSSNKOQ is_it:JMPNLSX is_my:OOTXLIL
is_name:OPNLUPM is_no:ORNPNXP is_not:WINNQNN is_often:NQPOLUN is_one:PPNPRKI is_pretti:NOSQNTM is_realli:OURRQSL
is_ridicul:YNQRINP is_scari:OPYLJOQ is_she:MOOOQNS is_so:PQTQPUK is_stupid:WMPNKMN is_terribl:RNYLSKP
is_terrifi:NOYOLOM is_that:OHRONQY is_the:NQJQNOP is_there:NPSIPMW is_this:NOLJMSV is_truli:LQQPPNQ is_weird:QUPTKNK
is_wors:WROLPQQ is_wrong:TQRMUQI is_your:NPOLQNU isn't:TKLNOPR isn't_a:NNOPQSL isn't_it:LROQRSW isn't_that:MPPSMNQ
isnt:]KOFVMQ it:QPPQOQP it'll:JOSTRPL it_amaz:QOOVKNR it_can:QUOOSMP it_disgust:QUPNMVM it_doesn't:NUMPPQM
it_even:XSQNKVO it_fun:OPPRNRR it_funni:OOORKSN it_get:WVRTMLK it_give:OOTLUNU it_goe:POOWIRQ it_good:KOPQRNN
it_great:QPONKRP it_help:MPPPMQP it_hilari:MOPUOQQ it_hurt:JOPIOYN it_i:ONMPTLM it_lol:PPPQJPS it_make:NQQQKSP
it_not:RUNSQNL it_now:GRRNPZR it_ridicul:XUPNQMN it_sad:LOPPIUN it_so:NWQQMPT it_suck:PTONQOT it_thank:LPPUNNS
it_the:RWTPOLR it_took:MOOMMPS it_was:QSMOPOP it_wasn't:RNRMNTN it_weird:OXQQKSR jail:VOTFQPL job:TGMQMRO joke:PPL^GEP
journey:OOPZGMN joy:KOOcGMO junk:NUPOKQQ just_an:VOOLQSO just_becaus:RSOUNMP just_come:QPPIWOQ just_curious:LOORMNS
just_don't:RQONQIL just_feel:TPOPLPU just_fuck:SMPMRNO just_hate:TRPNMMP just_hope:KPPXJLN just_look:LOVJTOS
just_notic:MPORNOU just_read:OSOOSSX just_realiz:NNOKLPY just_sad:NPQMMSS just_say:TNOVOIL just_stop:TPPMKSO
just_use:PRPSMVN just_wish:LPPUMRR just_wonder:NPPUPOO keep:MJMSQNN kid_are:QPNNNVO kid_i:QPRVKRQ kill:WUVJNUQ
kill_me:TNXOMRJ kill_you:ZOQIKPM kind:UQTTNKM kind_word:OPPQOPO kinda_funni:NPPSMPO kinda_sad:OPPONXO knife:SOSRKNP
know:IMNPSOS know_how:PQQSPVP know_if:PTOVDPW know_name:TPOMLKW know_that:JOQUKNV know_this:QNOMPRT know_what:MOOSPPO
know_when:NPTPQNO know_whi:PRONMVS know_who:PORIMRW l:OROJVNQ lack:ZPQNKXM lack_of:MQQPPVQ larg:QROHNUS late:OPUNPVQ
laugh:HJKcFFI laugh_out:MPOWLNN laugh_so:LPPVNLM law:VPNLOLR learn:MKQUMNX learn_that:MPSHTNS leav:RTQJRRQ
left:KTOMUOQ left_me:TPONGZO legend:IONWPML let:OGNRQKN let_go:POOFZNL let_hope:NPRTNTN liar:\OOLHQP lie:WSPMQQK
like:QNKQPOO like_he:LONNVKP like_how:JOOQTMN like_it:OJMTOLQ like_this:PGPOPTQ like_your:NNORQON link:HLMLYNO
lmao:KMIcJMH lmao_i:QPPSMNO lol:DJFt9@I lol_at:NPPQMOZ lol_he:MPPSNPO lol_i:TOONOPN lol_i'm:OSNSTNP lol_it:SSPPNQM
lol_name:NPPPNQQ lol_thank:PPPPPOS lol_that:WORLLQL lol_the:XPPWKRR lol_this:NPPSMOP lol_what:MORVLOU lol_you:LPPNSMP
lone:HOOJOdN look:NSQROPR look_amaz:NPPUNOO look_forward:POOTONQ look_great:OOOQPOR look_pretti:QOOXLML
look_so:PQOYIJM lose:MMNNN\U loser:ZQOFOYM loss:ROMQL_I lost:HJOHNbR lost_my:NRPORPN love:BEHi?DK love_a:LSPRMSN
love_and:TSPMVNL love_for:LPOUQON love_her:NPPNQPL love_him:NPRRMPK love_his:MOPUKOM love_how:ROOUKML love_in:SPPQPOS
love_it:LMQVJLL love_me:LPPSOSL love_my:LPPRVQQ love_name:SORPRQO love_our:NPPULOO love_reddit:OPPQOPS
love_that:JONVNMN love_the:NNOULNN love_them:[PPTLNP love_these:NPPSNPL love_this:MNQZHKG love_those:OPPUMOU
love_to:QPQVIMS love_when:RPPPNNN love_you:SSQSNRK love_your:QPPTMON luck:NPNWFQF luck_in:NPPRPOP luck_on:OPPPPOP
luck_to:MPQQPMO luck_with:MNPVLMO lucki:LPQZKNO lucki_to:NPPUMON mad:[PLNMML made:MRPPPSO made_me:VMVOIQO
made_my:OSOYKLN main_reason:OSPRJNT make:PMRPQLO make_it:QOVOPPN make_me:PPTUJQO make_no:USOSKNL make_sens:MNPVNKO
make_thing:PSOOPQT mani:QKINPQP manipul:VQOPMPN mate:TNNQMRK mayb:LLKPPMU mayb_i:UPPNPMU mayb_if:OPPOUOL
mayb_it:PNRPPKU mayb_that:NPPNPOV me:SNWNNTQ me_cri:IPOLPVN me_cring:RQSMMPR me_feel:MNMSMPT me_from:MPNTPZM
me_happi:MPNUOOM me_hope:OPOROOM me_know:OPPQROV me_laugh:KON]JTL me_like:LPSLTRQ me_lol:MPPTNPO me_more:MPPMPOS
me_off:SOWLKSQ me_sad:PPOJQUM me_sick:QOOLPTO me_smile:MPO[JMS me_so:SOMWJLO me_some:OOOQOSL me_thank:RPPPNOO
me_the:RXQTLQS me_what:MORMOPS me_with:ZOPKNMR mean:MSNMSLQ mean_by:NPPPRQO mean_i'm:PVOMTNP mean_if:MPPOVOM
mean_it:RRPJTKQ mean_the:POPJNSZ mean_this:PVSQSRN meant:OMOPNXL meant_to:QONRKTS media:[MQHPNQ meh:SORGPYM
men_are:PWNPUTN mess:YNNKLVP mess_up:WOORKST mess_with:MVPNPPP minimum:ROOPKUP minimum_wage:UPOMJUQ miser:XOOLJ^M
misread:MPPOIWZ miss:NLNHMdS miss_it:OOOQKTT miss_my:UPONQQN miss_name:NPPLMZM miss_that:POOKOSV miss_the:POOMRQR
miss_this:MPPPNRO miss_you:OOPOLXS mistak:RLPKNYX misunderstand:LPPNQVR misunderstood:NOPLNWX more_like:NMROURJ
morn:LQNOPJP moron:YSOJOLJ motherfuck:iOPHGOJ mouth:XSOMNNN much:POOPNTP much_appreci:OPPRMOP much_better:LONXMKN
much_for:KOOQPNR much_i:ORPPPSQ much_much:NTOSORN much_time:OPPQLP\ murder:RVQJOQO must'v:LPPMONU my:PMRQOSP
my_all:OPPRMOO my_apolog:MPPNLYM my_babi:MPOOMSS my_bad:HLOWJ]L my_biggest:QORLMOS my_condol:MOOLL\O my_day:MPOZKMK
my_father:OPPLMXK my_fav:MOOZJNN my_favorit:LLL_GLI my_favourit:OOOWLKJ my_feel:OOOOLTT my_fuck:TOOKLQU
my_heart:NOVQGYP my_love:OPPSPNO my_name:PNOPJNY my_question:OPPMMNW my_soul:MPQNPVS my_team:SPPMMVM myself_to:SPQKPNT
nah:\QRLMPK nah_i:YOOJSNN nake:RZPMNMN name:NNNOSON name_and:NPNOPNP name_be:WPOHOLU name_bless:NOPWHNO
name_damn:RQOMLLT name_didn't:NOOJRPQ name_good:SPPULOP name_got:ONNPVUJ name_i:RNRQLUQ name_is:QMJPRLO
name_lol:PPPMSON name_made:POSTKOK name_name:MQPNTNK name_need:OPPNXOQ name_not:KOPKZRJ name_talk:PTPPMRP
name_thank:OPPNQPR name_to:NNSNSNQ name_was:PPWPQNO name_what:PQNMRPS name_whi:QPPKMVS name_who:OOOJUON
name_your:PVPQLNP nasti:^sMHEOJ necessari:LMRTQOL need_more:MOOZJPK neighbor:\NOKPIO nervous:KOwKJOI never:SLPNOUS
never_got:MPSPNUM never_happen:OOQLOQT never_heard:MQOQUMO never_knew:OPQMMLV never_notic:MPPNMM] never_seen:NORNMJV
never_understand:MPPTPPW never_understood:OPQMLQW new:PQJQNPO new_year:JOOUOKK nice:IJJg@HH nice_job:NPPXLOP
nice_to:MOOQOQO nice_tri:SOOWJPN nice_work:RPPTKON night_and:LSOSSNQ nightmar:NNdLOTP no:WOPMPQO no_clue:KPOMPNU
no_good:UPPONOM no_i:PNQSQNI no_i'm:ZSPQKQN no_idea:JMNQNO^ no_it:ZPRGIQL no_no:POUQMUQ no_not:ZOPNHPR no_one:MMQQOVQ
no_that:WRPMMPO no_this:QOPTLML no_way:YNONMKS no_we:VOPOLQN no_worri:LOOYJMQ no_you:SSOGTKP nobodi:TOMHRUK
nois:PPTNTJO nonsens:`OOHKRN nope:aSQLKOL not:UOMMOOP not_a:SLNPOOP not_about:RUQKRTM not_afraid:OPUTLRL
not_agre:[OONHPL not_allow:VOOOLOR not_an:TSOKRHS not_anymor:QMTMN\O not_anyth:NLLRPSO not_are:TTSLNMP
not_argument:TOPMSNM not_as:MKONTSP not_at:RQMSNNR not_be:QUNLPQS not_becaus:NLSIRRQ not_befor:LOPQOKW
not_believ:[PNGHPZ not_blame:ROORLXQ not_but:SMPROOL not_call:WTOMQKM not_can't:TNPMQSK not_care:UTMMLWN
not_clue:IORJNMZ not_could:ZQOMIRY not_creepi:MRVMKOR not_cri:PORMP]O not_deserv:[POQKOS not_did:KOQPSOV
not_disappoint:KOPYMRN not_do:QORONOO not_doesn't:VSOOOPO not_dog:QOPPNON not_don't:YNQMJPQ not_dude:UOPPMPN
not_even:TSNNOQO not_fair:VPPNLOR not_feel:KNQSMZQ not_fight:VSOOLPP not_fit:XOSNOML not_for:PILRRQO not_from:QSQONNP
not_fuck:^NOHHQP not_get:MOSROVR not_give:OQOVMNO not_go:RNLKRUK not_good:]OMMETQ not_got:MORQKTQ not_guess:RPPLOMU
not_haha:NPPZNON not_happen:TQOQKUV not_happi:MOOVF_H not_have:NPULQSR not_he:QNQRNLP not_hear:TROFWLR
not_heard:RPNSKTQ not_help:USPUHTM not_her:SZOPPNO not_here:UQNPMMM not_his:SQNMQOO not_hope:NPO[LOL not_how:QPROOMR
not_human:UMOOMOR not_i:OMRRNQQ not_i'm:PYUVKRR not_idea:RPNLLPY not_if:LKOQQOR not_imagin:ROVPNTS not_in:PRRMRMR
not_is:OQKOPNR not_it:PQQPNQQ not_joke:HPRWKNR not_just:QQMROKO not_kind:LPPNXNO not_knew:MOQOIQ[ not_know:LMNQOM[
not_laugh:IPP`LIM not_like:WTKLNNO not_listen:SOOLPKU not_lol:DNNnBGJ not_mad:SOPVKPN not_make:PJQMPPO
not_mayb:OOPQJOW not_me:RLVJSWH not_mean:RQNMRNH not_more:UROLNZQ not_movi:ZPPOOPM not_murder:NQSNLQU not_my:TPROPPO
not_name:NLLMTMP not_need:TPMPPHM not_no:VOSIPKQ not_not:SPOROPN not_of:RLMPPPO not_off:OSOGPRT not_or:NNQMRQQ
not_our:ZRRJJNL not_over:NNOKRVQ not_parent:RTPQQNN not_part:VOPUHQK not_peopl:RLUNKTT not_place:XOPIQRK
not_pleas:QOUSOQQ not_possibl:UPPLMPR not_read:TOOLPRP not_realis:KPQMMPZ not_realiz:JNRQFS` not_realli:TPRNOUP
not_regret:JTOROSN not_rememb:JMVLPMW not_respect:VPRRLRP not_right:UMOQPPO not_sad:JOQKKbP not_say:OMQOUKI
not_sens:USONIMR not_shame:MOPRLYO not_she:QRONOMO not_shit:WVQRILM not_should:NSPOOKM not_show:LONGQYQ not_so:RKUOPUM
not_sorri:PROQFfG not_stand:SWNNUMN not_still:NPPMUZI not_stupid:UOPSJMS not_sub:UOQJNNN not_support:VOPPHOQ
not_sure:FMPKILi not_surpris:ISNJJW] not_talk:VRORKNL not_thank:RRO^IKM not_that:RJLOOSP not_the:SSNNQPO
not_their:QWQNSSG not_there:OPONQPQ not_they:NLRLSMP not_thing:RMNPQRG not_think:PSRMRKR not_this:TMTONPP
not_time:TRONMIX not_to:RHNMPSP not_true:WQOOMVO not_trust:WROMMOO not_u:YPPKPOL not_understand:JOPKPO_
not_understood:NPQLJNZ not_vaccin:WPONOPN not_veri:VOOJMUK not_vote:PTPNNMW not_wait:MQPVMJR not_want:TYNMNTL
not_was:PRRQOQR not_wast:OVPRPOO not_way:SQNLQQL not_well:VOOOKWQ not_were:QOOPORU not_what:NKOPPMV not_where:LNOKXLS
not_whi:OPMMOOY not_who:KQRLVKQ not_win:XOOOIWL not_wish:JOQPSSN not_with:PORPQOP not_work:QPLQMWM not_worri:DQW]HKJ
not_wors:LVPWJQN not_worth:_OSKFOK not_would:WONMPKM not_year:NOOKNXO not_yet:JNOHRTR not_you:TPLPPNM
not_you'r:WOQPHNP not_your:TNQRONP noth:TMTPOSJ notic:QMTLPO\ now_she:NPOMXMO now_thank:OPPROOQ nsfw:OTPMQNP
nuclear:QPTRQPP obnoxi:O]POLRR of:POQPPQP of_a:TSSQMRP of_anyth:UPPNMNQ of_bad:LOPLUPO of_curios:QPPOHOV
of_fun:OPPVKOP of_luck:LSORNJO of_me:LNQIQPV of_my:RTSPNPN of_shit:QQPOQPN of_time:XSTIJPX of_women:MTPNWOM
of_you:MRPULKQ off:QMQNSQL off_of:POONMUQ off_with:QRPNRNO offend:TNOGO\P oh:OUQNMRX oh_fuck:QOONLRW oh_i:OLPNRIT
oh_it:NQPTPQY oh_my:KOSRIH\ oh_no:KRROJ\S oh_sorri:NPPSNUK oh_thank:OPPSONJ oh_the:QOUQPQN oh_wow:OOOQPOL
ohhhhh:QPPKGRa ok:OOOYMLK ok_thank:OPPQOTO okay:ILQZOKL okay_thank:NPPQOPO omg:MQTQ=Oh omg_i:NOOMQOO omg_the:NPRNKRU
on:OQOOROO on_my:RUNQMSO on_name:JNPHVQO one:PNPPPQP one_day:OONSNQG one_of:KTRROPN one_on:LSVLUML one_want:OPPOQSP
one_you:QUPTKOM onli:OLPNSPN oop:LOPPHdM open_the:KUQMTMR opinion:SQLTNFP or:NKNKRLT or_is:NOPMEPY or_just:LONMMNT
or_not:KOSRORU or_that:YUPMKUN other:PLLNRLP ouch:OVRLOUP our:TNPPMVM our_societi:KVPMNRS out_and:SQOTLSQ
out_in:NVURPKL out_thank:PPPPPPO outfit:LSQUINO over:RKNMQPP over_name:VOPPOML pain:NNQKEiO pain_to:LQOLI[N
panic:LOgINON panic_attack:OPYOPPN part_is:PMOOQQO pathet:TXNHGaK patienc:QPPZMNR pee:PYSOMNO peep:LNPNQVP
peopl:SSMPPMO peopl_are:NJMMRWP peopl_do:TNTQLNP peopl_think:LOSTOOR peopl_would:QTPLQUM percentag:RPPROOV
perfect:IPL\KON phrase:LNUSKQP physic_and:ZPPTFNO pictur_is:PRUQKRM pictur_of:SVRKKTV piec_of:QTQONOO piss:a\RIKOM
piss_off:TVOUGLL pleas_don't:MOVYD]N pleas_stop:UOPIPQM pleasant:OPPNPPT pm_me:NPPWSNK polit:SLMORPN poor:QSMHJfN
poor_guy:MOPOTSM poor_name:MPOUIRW porn:OVPQKWR potenti:ONUTLMV pray:POO]KLJ pray_for:PPPTNNN predat:LOSRRSM
pretti:NPQZIRL pretti_bad:URONNPP pretti_cool:KOOULLT pretti_funni:MPPRNOO pretti_good:NOQ[GMP prison:RRRFPTL
prize:UPPITOQ probabl:LHOSRNP problem:QJTPMZQ problem_is:YOTNNWJ program:MOUMQNO propos:LPPRLOU proud:LQN]EJK
proud_of:KSOROKM proven:RORVINP pull:RPOMTIK pure:MPPORNL question:NOOKSPQ question_i:SPROJOM r:NMRMTOH racism:WROMIQP
racist:XQKKRNJ rain:POXLOVL rape:ZaQJNQL rather:ORRMVGO reach_out:MPPSUON read_on:XRSONON realis:LONHLQd
realiti:XLNOMRU realiz:LJLGENm realiz_he:KPPRKTQ realiz_how:NPPOOQS realiz_i:OPPRNMR realiz_it:QOPMVRO
realiz_that:KNNTNLX realiz_they:SPPNOPW realiz_this:NPPNLSW realli:PQRRMSR realli_appreci:OPPROON realli_are:KOSMROP
realli_bad:UVRQGON realli_cool:OPPQPSN realli_disappoint:RPPOMXI realli_don't:SORMQMN realli_good:ROORIPP
realli_great:SPPQOON realli_hard:OSPPJRO realli_hate:WQPLLNN realli_help:OPPSMPQ realli_hope:ROOQOIQ realli_i:OOPKRPP
realli_interest:PPOUJNV realli_like:JOOXIKQ realli_love:LPPRPQP realli_sad:NPPPQOL realli_suck:UOPOMOQ
realli_that:OSPRMOV realli_wish:OPPTLMO reckless:\SONJNP recogn:NOOKMMZ recommend:MPOPWLM refus:WPOHQNO
refus_to:WPOKOOM regret:MNNEFnH regret_it:FQPQURN reliev:OOO]JLO religion:OMOPNPT rememb:OIMQOUW remind_me:IQQNQI^
remindm:LOOF]NP remindm_day:PPPLTON repli:SPRPKNP repli_to:OORHUOQ reserv:PPPJWNR respons:SNONSPJ rib:NPPSLVR
riddanc:OSPNOOP ridicul:^aOPFPH right_i:QPL^GPR right_i'm:TPSOPOJ rip:PRNKM[R rough:MOOOL[M rude:`ROPFRD ruin:USOGNYS
run_away:QOTKPTS s:NITOUKK sad:EJP@;xF sad_and:TPOXNLN sad_but:NPRRQTQ sad_for:QPPPPRR sad_i:MPRKLWL sad_it:NPOOMRO
sad_part:OPPNNPO sad_that:LQRPKQQ sad_to:NPONQRO saddest:NOQJIfM safe:KMS]JMQ safe_and:MPRSMOO said:LQNPTNL
said_that:TOOHSKS saw:NRRKTKT saw_the:QTNSLKR say:PMMMTOL say_i'm:OPPORLW say_that:XTOUJRV scar:NRUSNQN scare:INxAADL
scare_me:PPYLKLT scare_of:ONWPMON scare_to:PP\PJNL scari:FQxBEKK scream:SNYHSON season_is:NOTSNNQ see:KLUPROP
see_thank:SPPMOOR see_the:QPPQNRU see_whi:SOOMPNW seem_to:RQQHQQT seen:LOOROOS selfish:YVOTJNN sens:SONUMHP
sens_thank:NTPQOPO serious:ZSMOJLT sex:SWLKSMQ sexist:VPOSDNT sexual:TWNQJMU sexual_assault:OUPRJQN shame:S[PDBlM
shame_that:NURPLLN share:MOMNRPS she:NSNPRNN she_know:NOPMWNN she_was:LNNLVVI shit:_\MJGTI shit_i:VNOILVR
shit_in:TRPMOPP shit_like:PSPNQQM shit_out:TORPRNO shit_right:KSOVPON shitti:_UQDI\K shock:JJOBDKm shock_to:OPPMLOX
shoe:RWQPPOH should:PJPOQOP should'v:VNOFQXY should_i:UPPOGTQ shouldn't:TONLSFL shouldn't_be:XMOQNNL show_is:NOOTMLW
shut:`TNIJNL shut_up:^RONGMN sick:TVMJK]M sick_of:UOPJMVP sign:UOQPNPT silenc:QSSNNVM sincer:NOPTNTQ sir:POPTNRJ
sketchi:PORLPOQ slap:]OPOFRO sleep:PNVPPSL slide:RUOLPRN smart:PPN_MLK smell:S^ROOMJ smell_like:UVPNTQM
smell_of:NSPRKOR smile:MNMXOSK so:PNQRNQQ so_angri:TPOKNMS so_bad:QRQYKQL so_confus:OOPNOPR so_cool:MOOSJNQ
so_cute:KOOVNQM so_disappoint:NPPKWMN so_excit:OPPTMPP so_glad:NNLQPMT so_good:OOOWMON so_happi:KOMXLNM
so_jealous:UPOMJYN so_much:OTMNOMS so_name:KPPRMOT so_nice:NNPRQOQ so_proud:MOOXPLQ so_sad:RSPNKVP so_sorri:OSOGQRO
so_stupid:OSONQOP so_sweet:NOPSMOM so_thank:OPPMSMR so_they:ENQVSPK so_what:VPOQONS so_you:OMLLQNV
social_media:[OPPDRT societi:QUNPNXP some_weird:NPOQROM someday:NPPWKON someth:PMPPPQS song:OPOSPNM soon:NPUROQS
soooo:QOOXIZT sorri:FJIE9xJ sorri_about:MPPSPWJ sorri_but:PRQOISP sorri_dude:RPOQNOO sorri_for:IQTQKSO sorri_i:VKNOLUM
sorri_i'm:QPPKRMT sorri_if:LPPSMQV sorri_it:NPPQNUO sorri_man:TPPNMUO sorri_my:OPOQQVM sorri_not:SPPOQMM
sorri_that:JRNRLUT sorri_this:NPOJTQP sorri_to:POOJRVP sorri_you:PNRVPOR sorri_you'r:KSPPSPQ sound:PSWSLRQ
speak_for:WPPMOQO spent:NLMSPSR stab:SPUQIQQ statist:RXQNIMP status:POONYMO stay:PMOPOQM stay_safe:NPRXJOR
stay_strong:JOO_EOL sticker:KUSOTLM still:OLRPNSR still_can't:QPQLQNU still_love:OPPROON stink:TWPKNQN stock:MOOMXPO
stomach:PZQOKSK stop:[GKMNPL stop_be:WPOJONK stop_it:VPPQOKM stop_tri:XPPOINM stori:NTRQMPS strang:KMNKSL]
stress:LOXLJ[M stroke:ROUNLUP strong:JMM[IPS stunt:SPTKNNS stupid:gTKIDPG stupid_and:NQOQNNR stupid_to:PPPRNNS
such:TQMQPRO such_a:QWQUERL suck:cWOGGVI suck_that:SUOLQSO sudden:QNVLLN^ suffer:RMPNMYO suggest:HNQWPLQ super:QMRVJRN
sure:MNMVOKP sure_about:MOPS[OL sure_how:NOPNOMW sure_if:POQOIQV sure_this:KOOUMOU sure_what:NROLLMW sure_whi:POOPONQ
surpris:EILE9Fx surpris_at:POPNKOW surpris_by:MOPRNNS surpris_he:RPPQPOU surpris_if:POOQJPZ surpris_it:NPPMOPU
surpris_that:NOOLPMT surpris_they:OPPNOOS surpris_to:QPONONO swear:LWOLPVR sweet:EKL[PJK take_care:PNO[JHI
take_your:WQPQLLJ talk:QTMQPPN talk_about:QUOLQNP tast:QXQSPIO tea:LROKZNQ teach:ZNOLPMM team_is:VQOQMQI tear:OQQQK[O
tell:SNJITSO tell_if:OPPONNU tell_me:RMQPKMY temperatur:XPPTLNL terribl:UbtJ<TL terribl_i:NUNPOSQ terribl_idea:OPVPNQP
terrifi:ISxF;ML terror:RP[INMP than_anyth:JUPTKRM than_i:SUNOKUR than_name:NOOMUQP thank:BD>x+BE thank_a:RPPNORO
thank_again:NPPSNOO thank_and:RPPRRPR thank_bro:OPPQOPR thank_dude:OPPQOOP thank_for:NPKUMOO thank_god:PPPUQOM
thank_good:OPPPPPP thank_i:TNPXNRX thank_i'll:OPPQOOO thank_i'm:OPPROPM thank_man:MOPSNOQ thank_name:QOOSKMN
thank_so:OPPQPOJ thank_that:OPPNOOP thank_to:UPPQNNM thank_u:LPPROPO thank_you:BSK\GMP that:PQRQOPP that'll:POTPNOO
that_amaz:RPOUNOM that_aw:Q[RJNIP that_awesom:NOOUMNS that_befor:NOPNPMQ that_cool:QPPULOO that_didn't:PPPJOXO
that_disgust:NUPMNOO that_even:SOPMJRZ that_far:OOROJQT that_great:RPPMQNQ that_had:JPPH[MN that_happen:[ONNSNG
that_have:QVRLRPJ that_horribl:RTPOMQN that_i:TNRLPNP that_i'm:RKRPPML that_i'v:PPRJVMO that_is:RQOQNSN
that_lol:OPPSMOR that_look:MVUKONN that_mean:SORNNLR that_most:MPPJNYR that_never:NPRPOQY that_not:]QPILQN
that_now:ROSMOPU that_onli:QPPMUOO that_point:MORPTMO that_poor:LOOSKWQ that_sad:PPSNNQN that_so:QRNROTJ
that_sound:LNTSLLR that_stupid:SOPOMNP that_suck:[PSLGOP that_terrifi:RPVOKOQ that_thank:OPPTNNL that_there:PLQNKQY
that_they:NMNOPNQ that_video:PRUPQOL that_was:NSVPLTP that_weird:JSOPRPV that_work:ONOMSLQ the:OPOPQPP the_ad:QVPQORL
the_advic:RPPOOSN the_amount:QNOONTW the_argument:ROPPOOR the_back:TQQKSQH the_best:NNMVJQO the_biggest:RQUVNQM
the_clarif:PPPROPM the_death:VOPONQM the_differ:QOOLOVY the_doctor:QOSKSKZ the_doubl:RVPPLNN the_explan:OPPPPPR
the_floor:PYURLOR the_fuck:UTSMNP@ the_fun:OPPQKSR the_good:OPPSSKL the_gop:MPPKWNN the_govern:PNPLTNM
the_hand:VWPLQNT the_heart:QPUIQOR the_hell:[OPQIQH the_help:OPPQORR the_info:OPPNNOR the_insid:RPUNROK
the_insight:PPPPOPO the_kind:MTOTRMJ the_law:ROOPNMP the_origin:LQQQQKT the_pain:OPRRTPK the_parent:SOPKSUK
the_peopl:ORQQPQJ the_poor:NQOPQQP the_popul:PSOPLUS the_queen:OSTNPOR the_rain:RPVOMNM the_recommend:OPPNRPO
the_repli:OPPRMOR the_road:LOUHTUK the_sad:OPPPPTQ the_saddest:NOQKKaM the_smell:NRPRONQ the_stupid:WPPLPLO
the_suggest:PPPRNPR the_summer:NTNMSRO the_support:OPPTOOT the_thread:QWPKSMM the_tip:OPPPOPN the_wall:NOOLUNP
the_world:QKMOQUO the_worst:WTMOLPM the_wrong:PNMNOPV their:QPLOQLO them_it:WOPOKLR them_the:UOPMLYL then:PLNQQLP
then_there:RVPQKOQ then_what:PPPOLQV then_you:MOOQRPN therapi:DRPXULL there:NPMOROQ there_a:PSSOOJO there_and:SOTRLPO
there_ani:POROHNU there_be:NPPNLOU there_i:UOPSNVM there_lol:RPOTNPM there_no:KMONPOU these:USIPMNR they:OMOLTOM
they'r:QSMMSOL they'r_not:SQONNQR they'r_the:QTPMSPO they'v:SNOMUUK they_are:OPMPPPQ they_can:MQOPSKL
they_could:SPOMSWK they_don't:MPNNTPM they_just:QTNJUMO they_should:XOOSKLK they_use:OOOG[OR they_were:SLPOPPL
thing:POPPOQP thing_i'm:QPRMNRO thing_i'v:PTORJQR thing_to:VPQKMLT think:NOLQRLR think_about:ISRLSZO think_so:YPOJJNS
think_you:VNNOOVN this:PQQQOQP this_a:OONYJSO this_day:LPTWJPN this_from:NOONQPQ this_fuck:XOPNNQJ this_game:OWNQNSP
this_hurt:OOPSLSN this_i:PNMTMWO this_is:RPMTMON this_isn't:VNONOPQ this_made:NOQRLQN this_may:MOUNRYO
this_mean:QPPRKOR this_point:RNSPJTO this_shit:MPOSSJO this_team:TRONLWS this_thank:OPPROON this_that:VPRRNOT
this_the:JQOPRSQ this_woman:QUOOOMQ those_are:MVPQPKO those_peopl:TQOLQKR though:NQJRPOT thought:ILOKTKV
thought_it:QPMORUT thought_was:NOROLPW thought_you:NORLIQW thread_is:TQONOPP threaten:TO[ONSN through:OMRRPQP
through_that:SORMMOO through_this:MQONRSP thrown:PTVMQRL time_becaus:LTPOVNP time_but:PSQTMWL tip:QMQTNIN
tire_of:WPOJOXN to_ask:OPVPMXR to_be:NRSPQON to_becom:PNOKPMT to_build:OPPOIOX to_deal:MMOUSLI to_destroy:VRPLONO
to_fuck:NRQMQOO to_hear:IOQWKLO to_join:POQLNHV to_know:MPNKNOW to_live:WPNPMMR to_love:RPPPTQQ to_pick:OSUNRLL
to_pretend:UOPRIJU to_realiz:RPOORLP to_see:OMOQNQR to_spell:SVPMRMP to_this:SOVPRJO to_wear:MPRJSQV to_what:QPPNTOW
to_worri:LONTUMP to_you:NMVRNSQ tomorrow:POQNSKO too:PPPOPSP too_bad:PMOSI[K too_good:NNPXJON too_thank:OPPQOOQ
took:MMNOQPT tough:UQPNL[Q toxic:VSNRJNK trap:NOTHVQM trash:YPUJNXM traumat:NPULOTP trick:OONJXPM troll:USMQPML
true:MOMZJQO truli:MPTWHUN ugh:VcNMMOM ugli:WmOGKPK uk:PNPLPPX ult:QPUOOMS ultim:MNVXHMQ unaccept:\PPMLOP
unbeliev:QOOKKNb uncomfort:[YTCL\M under:OTNHVLR under_name:MQPTQMO understand:PMORMMV understand_the:NOOOLPY
understand_what:NOPLQRN understand_whi:POOTOOQ unexpect:JOOOLMe unfortun:QROJHkN unhappi:NPPMLZV unless:R[QQMOP
unless_it:OUPLQNO unlucki:OPPMK]P unpopular:\OPJHOO unpopular_opinion:TOPMKOP unreason:]MPMMUP until_i:JRNMROW
up_is:LSPTKPO upset:PLRKBmJ upvot_for:NPPVIWO useless:^UOJKOO usernam:MNORKNR utter:^OOLJQO veri:OOTVLOP
veri_cool:NPPTMOO veri_good:LOOPSTP veri_happi:OPOUNNO veri_interest:MPO\GNO veri_much:MOOQSLN veri_sad:PPOLMUR
veri_sorri:OPNPSQO veri_sweet:PPPRMPP veri_veri:ROSQLNP vers:LVOPQON vile:TVOIQPO visibl:QOTPSPR volum:QQPLLMY
vomit:NWPJUNL wait:LNPNQPR wait_so:RPPOHOV wait_to:ORQULMV wait_what:LPPRPNK wall:ONRMTRL wanna_know:MOPMXOO
was:OOROPQR was_a:TOPPMMQ was_about:MOTPSQM was_absolut:MNOPTVO was_afraid:OPVNLOM was_alway:RPRLQRM was_amaz:MPNULNO
was_awesom:OOPUNMP was_be:MOONPTU was_gonna:MPOQLKZ was_great:NPPVNNS was_he:IOPMTOT was_hope:QPOSNNQ
was_horribl:PRPMKQP was_it:OOQJPLZ was_name:SOOKSKR was_not:RQRQOWK was_realli:TMSVGOR was_so:OMROQTQ was_such:LPONTUP
was_surpris:OPOKLOX was_that:TROPLOS was_the:UPPQKQW was_this:XLQLNRI was_wonder:NOOKOKX was_wrong:SPMQLUO
was_year:NPROPPX was_your:OPPRIRW wasn't:ULOKQQP wasn't_sure:OPPNKOR wast:URRRIYJ wast_of:WTQJMQM we_don't:PNPPNNS
we_live:UUQMNUO we_love:UPPPKOO we_might:QPSQMON we_realli:YOPPIPP weaker:MPPLVQN websit:OUOUPLJ week_ago:SRRILMY
weigh:NPQNQSN weird:XlQHHUR weird_but:NSPTNRP weird_flex:OQPTPNN weird_how:KRPNOUT weird_i:PSPQOKT weird_that:TPOMLRQ
weird_thing:WNOPMPO weird_to:QUONNMQ weirdo:SWPKNNU welcom:GLM`FML welcom_to:NOOTKNQ well:QLNTNQQ well_and:MOOXIRN
well_done:HRObELL well_said:MPPZINN well_thank:OPPPPPQ welp:NPTOMRO were:NTONQSR were_abl:OPPVLPO were_you:NPPNMOS
wet:[OPIROP what:QMOOPNT what_a:R[VUHSP what_about:MOOOJRU what_an:UWOUFUQ what_are:KNRMPOR what_countri:QPPSIPT
what_did:LPPMTON what_do:QOOKRQQ what_doe:OOONSPL what_exact:QPPHNPR what_go:LRPRNQW what_happen:KMMQIRW
what_his:NPPSLOV what_if:HQQLOKY what_is:PMTKRLQ what_it:MQRKPQP what_kind:VRPLJOY what_she:PRMPRQV what_that:JOOPRLR
what_the:WSPRLMO what_this:SOOKXMN what_was:PSQLRNP what_will:PPSLPOW what_would:IPPMSKU what_wrong:POPVLOU
what_you'r:LORNTMP what_your:NOOKPWS wheel:OPSNOOO when:NRSNRQR when_i:RSQQQKO when_peopl:VPNTMRO where:NMINRMT
where_are:PPPOOQU where_did:OPPPGOW where_do:OPPSNNS where_is:PPPKSTS where_they:NMPJVNN where_to:NPPJPOV whi:QMOKOOX
whi_are:YUQNQSG whi_did:QOSKKRO whi_do:NPNOOTR whi_doe:SOQQOLQ whi_he:OOOLVQJ whi_i:NSMVNJR whi_is:QPOMKRR
whi_it:HROMUOS whi_not:LPPPRNN whi_peopl:LSPOJRS whi_she:OOSNPMW whi_should:TPPOKON whi_the:RMRKPOS whi_they:OPOPOPR
whi_this:PPOIVPW whi_would:TOOPJUS whi_you:MOORONW which:PMSPPMQ which_one:QPPQMOR while_he:MPPMVON who:RNKMRNQ
who_care:[PPNEQR who_has:HOOVOYQ who_the:TOQNKSP who_was:RTMLPPO will:NMOTPKM will_happen:SPSPLNP will_help:QPOSNOP
will_not:XOQLOPV will_the:QPPPROV will_tri:LPPWOKM win:LJLYMLP wish:GHJaEMG wish_i:TNNRNRK wish_it:MPPTRLO
wish_my:NPOWMNP wish_the:MPPWKMO wish_we:IOPZLPL wish_you:POPQPOP witch:\OPNLOM with_have:QPPPNUL with_me:JQMRMTS
with_name:LLQJTLQ with_someon:QQNQMQO woah:OPPLIRY women:PQLPSNN wonder:JINWAGa wonder_how:IOOPONZ wonder_if:MONEFM`
wonder_the:KOPMTOR wonder_what:LOTDWNX wonder_whi:POQIMPU work:MMRSQOO work_in:XXOMRPJ work_thank:OPPRORR
worker:ZQQPJOQ world:NMNQMVO worri:FLuMAXK worri_about:PRRVOSL worri_for:NPVNONL worri_that:OPYOLLO wors:[qQCB^O
wors_and:LUORORS wors_than:NPQNUKO worship:RPTQPOL worst:XrTCA[O worst_thing:QQONPMZ worth:NQLVQLO would:OQQPQLP
would_love:SOQRUNP would_not:WORMLVJ would_that:NPPMNMU would_you:POOGPRU wouldn't:PJMNRKR wouldn't_be:PNOTMTQ
wouldn't_you:RPPJLOV wow:HKJ[7Gj wow_i:TNONLRI wow_so:NPPQPON wow_thank:PPPPPPO wow_that:LONUPJQ wow_the:QROPNOQ
wow_this:ORSSMNQ wow_what:POPRNSQ wow_you:OPPNNPT wrong:[KMKKUS wrong_i:LPPOPSL wrong_with:RQQTLUN wtf:aUQLGPG
wtf_is:TOPLMNS yay:LOO[GRL yeah:PPPWLMO yeah_i:MRNPNRT yeah_no:YOPNNMM yeah_sorri:NPPLNUO yeah_thank:OPPQPOO
yeah_this:OSONQPO year:OOOQPQR year_ago:MNKOOVP year_and:URVMNQI yell:XOPJMRO yell_at:TPPMPON yes:NLM[KKL
yes_i:PRPNQPP yes_that:PPOXGQP yet:RTPNQRO yike:TWTIQJP you:SOKROMM you'll:JNOYOPI you'll_see:RPPGWOO you'r:SSLTNMN
you'r_an:TVPNINN you'r_be:WQPJNRN you'r_do:PROOOPM you'r_go:MOPLSTM you'r_not:PLQPNUQ you'r_right:CMPbEGT
you'r_talk:KPPSPSS you'r_welcom:MOPXJNO you_all:ROOQJKU you_and:QPTQPQO you_can:OMPOOQM you_can't:VOMINRN
you_do:SMNQMQQ you_don't:MUPMVNF you_enjoy:PSPLOOR you_even:TOPPOTT you_expect:OPPMROR you_explain:OPPNOOO
you_feel:OMNUNJU you_for:NRNQMTR you_fuck:WRPNMNL you_got:MMNRMUO you_had:PRSOQQT you_hear:RPQOOSH you_i:ZPQOLQK
you_i'll:OPPTNPS you_in:VORQISQ you_it:LNOMUQO you_kind:OPPQOPN you_know:TMQMQRN you_live:LOOOPNV you_love:OPOJVPS
you_mean:MNOMMRV you_miss:LPPQOTO you_name:MQOMNVQ you_not:TOPOOOP you_realiz:POPJQYP you_realli:QNMQPOT
you_serious:MOPQMQO you_so:KRMOUMP you_talk:SOPLNOR you_thank:PPPQPQP you_that:QSSPMPL you_the:OOPXKMN
you_think:USPRMOQ you_this:VOPPPPK you_too:IOONUPM you_up:QSPJQOV you_veri:OPPOROR you_went:MPRPSMP you_you:PMOXKUK
you_you'r:MPPWKON your:QQLROLO your_advic:OPPPPOO your_famili:LPQPMXO your_friend:QORKSTP your_fuck:URPRMON
your_hous:TPVKNOO your_input:OPPQOPP your_loss:NROSNRO your_mouth:SSPMNPQ your_person:VWPLLOO your_repli:OPPROPO
your_respons:NPPWLON your_servic:PPPPPPP your_usernam:MPPQPNN yourself:NKLVNPN
)words";

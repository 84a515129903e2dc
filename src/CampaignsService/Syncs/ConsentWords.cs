using System.Text;
using System.Text.RegularExpressions;

namespace ZohoPlatform.CampaignsService.Syncs;

/// <summary>
/// Tells columns that say whether somebody may be written to by their names, as the exports of others have them (README, Consent). One too
/// many costs an answer; one too few writes to people who have left.
/// </summary>
internal static partial class ConsentWords
{
    /// <summary>
    /// By language. Names and words are compared without case, accents and whatever stands between words. A word is looked for anywhere in a
    /// name; after <c>=</c> it is all of the name, but for whose it is and what stands in brackets; <c>*</c> stands for anything between
    /// two.
    /// </summary>
    private static readonly (string Language, string Words)[] Table =
    [
        ("what all have", """
            =status =emailstatus =mailstatus =contactstatus =memberstatus =subscriberstatus =userstatus =customerstatus =liststatus
            =globalstatus =marketingstatus marketingcontactstatus permissionstatus confirmationstatus emailmarketing*status
            smsmarketing*status optin optedin optout optedout doubleopt newsletter =mailing mailinglist spam gdpr ccpa tcpa =dnc
            =mailingstatus =newsletterstatus =subscriptionstatus
            """),
        ("English", """
            subscri unsub consent permission bounce suppress blacklist blocklist blocked quarantin complain abusereport undeliverable
            donot*mail donot*contact donotcall donotdisturb donotsms donot*market donotsolicit nomail noemail nomarketing
            accept*marketing accept*email accept*mail accept*sms email*accept marketing*accept email*allowed marketing*allowed
            allow*email allow*marketing canemail canbeemailed receive*email wants*email marketable contactable emailpref marketingpref
            communicationpref contactpref legalbasis lawfulbasis dataprocessingbasis invalidemail emailconfirm confirmtime confirmip
            cleantime cleancampaign =cleaned privacypolicy donotsend dontsend dontmail dontemail dontcontact stopmail stopemail emailstop
            mailstop canwecontact maywecontact mailingok emailok oktomail oktoemail oktocontact emaildisabled emailenabled emailinvalid
            emailsuspend marketingsuspend excludedfrom excludefrom mailable deliverab =active =isactive =inactive =deactivated =activated
            =excluded =exclude =removed =archived =banned =confirmed =enabled =accept =accepted =deletedat =deleted emailverified
            =marketing
            =nocontact =cancontact =maycontact =canmail =maymail =mailok =contactok =allowed =isallowed =notallowed =notallowedtomail
            =robinson robinsonlist commercialcommunication commercialemail marketingcommunication =trashed =intrash =remove
            """),
        ("French", """
            =actif =desactive =inactif =statut =statutemail =statutcontact =statutmarketing abonn desinscri =inscrit rgpd accepte refus rebond plainte listenoire
            infolettre indesirable autoris bloque prospection nepas*contacter nepasderanger nepasappeler nepas*ecrire nepasenvoyer
            communicationscommercial communicationcommercial =autorise pasdemail pasdemailing =supprime
            """),
        ("Russian", """
            =отключен =активен =неактивен =статус =статусemail =статусконтакта =статуспочты подпис отпис соглас рассыл отказ реклам спам жалоб черныйсписок заблокир
            недоставл разрешен небеспокоить неписать незвонить несвязываться
            =удален
            """),
        ("German", """
            =aktiv =deaktiviert =inaktiv =kontaktstatus =kundenstatus =versandstatus abonn abgemeldet abmeld ausgetragen einwillig zustimm einverstand erlaub
            gesperrt sperrliste =werbung keinewerbung emailwerbung werbesperre unzustellbar rucklauf beschwerde widerspr widerruf dsgvo
            datenschutz verteiler emailbestatigt nichtkontakt nichtanschreib nichtanruf keinemail keineemail
            keinmail keinkontakt kontaktverbot robinsonliste mailingerlaub =geloscht
            """),
        // an estado and a stato may be a country's, too
        ("Spanish", """
            =activo =inactivo =desactivado =estado =estadoemail =estadodelcontacto =estadocontacto suscri =baja dadodebaja dadadebaja fechadebaja consenti acepta rebot
            rebote listanegra boletin nocontactar noenviar nomolestar nollamar bloquead queja publicidad autoriza permiso lopd rgpd
            comunicacionescomercial comunicacioncomercial correo*permit =permitido listarobinson =eliminado
            """),
        ("Italian", """
            =attivo =disattivato =inattivo =stato =statoemail =statocontatto =statoiscrizione =iscritto disiscri consens accett rimbalz reclam listanera bloccat
            pubblicit autorizz permess indesiderat nondisturbare noncontattare noninviare nonchiamare
            comunicazionicommercial comunicazionecommercial comunicazionimarketing =consentito =eliminato
            """),
        ("Dutch", """
            =actief =inactief =inschrijfstatus =aanmeldstatus =ingeschreven afgemeld uitgeschreven uitschrijv toestemming akkoord nieuwsbrief geblokkeerd
            zwartelijst klacht =avg reclame onbestelbaar emailvoorkeur nietmailen nietbellen nietcontact nietbenader belmeniet
            geenmail geenemail geencontact commercielecommunicatie =toegestaan =verwijderd
            """),
        ("Portuguese", """
            =ativo =inativo =desativado =situacao =estado =inscrito desinscri assinante assinatura descadastr consenti aceit devolvid listanegra bloquead reclamac
            queixa lgpd publicidade autoriza permiss boletim naocontactar naocontatar naoenviar naoperturb naoligar receb*email
            comunicacoescomercia comunicacaocomercial =permitido =excluido =removido
            """),
        ("Polish", """
            =aktywny =nieaktywny zapisan wypisan subskry zgod rezygn odbit zablokowan czarnalista skarg =rodo sprzeciw biuletyn =reklama niekontakt niewysyl
            niedzwon nieprzeszk
            informacjehandlow informacjihandlow =usuniety
            """),
        ("Turkish", """
            =aktif =pasif =durum epostadurum uyelikdurum abone onay =izin izni izinli epostaizin emailizin smsizin =iys kvkk acikriza reddet engellen
            karaliste sikayet istenmeyen bulten geridonen aramayin rahatsizetme uyeliktencik
            ticariileti ticarielektronikileti =silindi
            """),
        ("Arabic", """
            =الحالة حالةالبريد اشتراك مشترك اشترك موافق نشرةالبريد النشرة محظور حظر مرتد شكوى عدمالاتصال عدمالازعاج لاتتصل لاتراسل تسويق
            اعلان الخصوصية القائمةالسوداء
            """),
        ("Japanese", """
            =配信 配信停止 配信拒否 配信希望 配信許可 配信可 配信不可 配信不要 配信状 配信ステータス
            メルマガ メールマガジン ニュースレター 購読 退会 オプトイン オプトアウト 同意 受信拒否 受信許可 受信可 受信希望 送信停止 送信不可 連絡不可 ブラックリスト
            """),
    ];

    // letters that Unicode does not take for another one with an accent
    private static readonly Dictionary<int, string> Undecomposed = new()
    {
        ['\u0141'] = "l",
        ['\u0142'] = "l",
        ['\u0131'] = "i",
        ['\u00DF'] = "ss",
        ['\u1E9E'] = "ss",
        ['\u00D8'] = "o",
        ['\u00F8'] = "o",
        ['\u00C6'] = "ae",
        ['\u00E6'] = "ae",
    };

    private static readonly Word[] Words =
        [.. Table.SelectMany(row => row.Words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Select(Word.Of)];

    public static bool Means(string column)
    {
        var name = Plain(column);
        var core = Plain(Owner.Replace(Brackets.Replace(column, " "), ""));
        return Words.Any(word => word.IsIn(name) || word.IsIn(core));
    }

    private static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        // half of a character has no normal form
        foreach (var rune in string.Concat(text.EnumerateRunes()).Normalize(NormalizationForm.FormKD).EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune))
            {
                plain.Append(Undecomposed.GetValueOrDefault(rune.Value) ?? Rune.ToLowerInvariant(rune).ToString());
            }
        }

        return plain.ToString();
    }

    // "Email Status (MailChimp)", in the widths of all languages
    [GeneratedRegex(
        @"[(\uFF08][^()\uFF08\uFF09]*[)\uFF09]|\[[^\[\]]*\]|\{[^{}]*\}|\u3010[^\u3010\u3011]*\u3011",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Brackets { get; }

    // "Person - Marketing status", "Contact: Status": a person's alone, because a country, an order and a lead have a status, too
    [GeneratedRegex(
        @"^\s*(person|people|contact|subscriber|member|customer|client|user|recipient|profile|email|e-mail|mail|kontakt|kunde"
        + @"|empf\u00E4nger|abonn\u00E9|contatto|contacto|contato|cliente|persona|pessoa|personne|persoon|klant|osoba|klient|ki\u015Fi"
        + @"|m\u00FC\u015Fteri|\u043A\u043E\u043D\u0442\u0430\u043A\u0442|\u043A\u043B\u0438\u0435\u043D\u0442)s?\s*"
        + @"[-\u2013\u2014_:.>/|\u2192]+",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Owner { get; }

    private sealed record Word(bool IsWhole, string[] Parts)
    {
        public static Word Of(string written) => new(written.StartsWith('='), [.. written.Split('*').Select(Plain)]);

        public bool IsIn(string name)
        {
            if (IsWhole)
            {
                return name == Parts[0];
            }

            var from = 0;
            foreach (var part in Parts)
            {
                var at = name.IndexOf(part, from, StringComparison.Ordinal);
                if (at < 0)
                {
                    return false;
                }

                from = at + part.Length;
            }

            return true;
        }
    }
}

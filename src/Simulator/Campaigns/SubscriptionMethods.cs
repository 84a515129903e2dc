using System.Globalization;

namespace ZohoPlatform.Simulator.Campaigns;

/// <summary>
/// One contact at a time: subscribe, unsubscribe, do not mail. Zoho Campaigns, "Contact subscribe", "Contact unsubscribe", "Do not mail".
/// Where the pages give a code without its text, the text is the simulator's own.
/// </summary>
internal static class SubscriptionMethods
{
    public static CampaignsAnswer Subscribe(CampaignsCall call)
    {
        if (call.Account.FindList(call.Parameters["listkey"]!) is not { } list)
        {
            return CampaignsAnswer.Error(call.Uri, "2501", "List key is empty or invalid.");
        }

        if (!TryReadContact(call, out var email, out var fields, out var refusal))
        {
            return refusal;
        }

        var resubscribe = call.Parameters["donotmail_resub"] is "true";
        if (!resubscribe && call.Account.FindContact(email) is { DoNotMail: true })
        {
            return CampaignsAnswer.Error(call.Uri, "2006", "Contact is in Do-Not-Mail.");
        }

        if (list.Find(email) is not { } member)
        {
            list.Add(PutContact(), call.Now, list.HasSignupForm ? Membership.Unconfirmed : Membership.Active);
            return Done(list.HasSignupForm
                ? "A confirmation email is sent to the user. User needs to confirm to successfully subscribe."
                : "User successfully subscribed.");
        }

        if (call.Settings.ExistingContactRefused && !(resubscribe && member.Status is not Membership.Active))
        {
            return call.Settings.ExistingContactCode is 1006
                ? CampaignsAnswer.Error(call.Uri, "1006", "This email already exists in this list.")
                : CampaignsAnswer.Error(call.Uri, "2003", "Contact exists in this list.");
        }

        PutContact();
        if (resubscribe && member.Status is Membership.Unsub or Membership.Bounce or Membership.Spam)
        {
            list.Move(member, Membership.Active);
            return Done("User successfully subscribed.");
        }

        // who left stays away: the fields change, the answer does not say that the list still does not mail
        return Done("This email already exists in this list, fields updated.");

        CampaignsAnswer Done(string text) => CampaignsAnswer.Success(call.Uri, call.Settings.SubscribeSays ?? text);

        Contact PutContact()
        {
            var contact = call.Account.PutContact(email, fields);
            contact.DoNotMail &= !resubscribe;
            return contact;
        }
    }

    public static CampaignsAnswer Unsubscribe(CampaignsCall call)
    {
        if (call.Account.FindList(call.Parameters["listkey"]!) is not { } list)
        {
            return CampaignsAnswer.Error(call.Uri, "2501", "List key is empty or invalid.");
        }

        if (!TryReadContact(call, out var email, out _, out var refusal))
        {
            return refusal;
        }

        if (list.Find(email) is not { } member)
        {
            return CampaignsAnswer.Error(call.Uri, "2103", "Contact does not exist.");
        }

        list.Move(member, Membership.Unsub);
        return CampaignsAnswer.Success(call.Uri, "User successfully unsubscribed.");
    }

    public static CampaignsAnswer MoveToDoNotMail(CampaignsCall call)
    {
        if (!TryReadContact(call, out var email, out _, out var refusal))
        {
            return refusal;
        }

        if (call.Account.FindContact(email) is not { } contact)
        {
            return CampaignsAnswer.Error(call.Uri, "2103", "Contact does not exist.");
        }

        if (contact.DoNotMail)
        {
            return CampaignsAnswer.Success(call.Uri, "User already in Do-Not-Mail.");
        }

        call.Account.MoveToDoNotMail(contact);
        return CampaignsAnswer.Success(call.Uri, "User successfully moved to Do-Not-Mail.");
    }

    /// <summary>Why an address cannot be taken: not one at all, or a function's. Null for a person's.</summary>
    public static (string Code, string Message)? Refuse(string? email) =>
        !ContactInfo.IsAddress(email) ? ("2004", "Invalid contact email address.")
        : ContactInfo.IsRoleAddress(email!) ? ("2005", "Group email address cannot be added.")
        : null;

    /// <summary>Why what was said of a contact cannot be taken: the settings say so of one.</summary>
    public static (string Code, string Message)? RefuseData(CampaignsCall call, string? email) =>
        call.Settings.RefusedContact is { } refused && refused.Equals(email, StringComparison.OrdinalIgnoreCase)
            ? (call.Settings.RefusedContactCode.ToString(CultureInfo.InvariantCulture), "Pattern does not match.")
            : null;

    private static bool TryReadContact(
        CampaignsCall call, out string email, out Dictionary<string, string> fields, out CampaignsAnswer refusal)
    {
        (email, refusal) = ("", null!);
        if (ContactInfo.Parse(call.Parameters["contactinfo"]!) is not { } parsed)
        {
            fields = [];
            refusal = CampaignsAnswer.Error(call.Uri, "2001", "Wrong format of contactinfo.");
            return false;
        }

        fields = parsed;
        var address = fields.GetValueOrDefault(ContactField.Email)?.Trim();
        if ((Refuse(address) ?? RefuseData(call, address)) is { } refused)
        {
            refusal = CampaignsAnswer.Error(call.Uri, refused.Code, refused.Message);
            return false;
        }

        email = address!;
        return true;
    }
}

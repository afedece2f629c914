def slide_input(e, box): return ""
def slide_picture(e, box): return ""
